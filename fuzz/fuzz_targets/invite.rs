//! An invite, as a scanner types it or a person does.

#![no_main]

use istiqbal::replication::invite::Invite;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(invite) = text.parse::<Invite>() {
        assert_eq!(invite.to_string().parse(), Ok(invite.clone()));
        assert_eq!(invite.to_digits().parse(), Ok(invite));
    }
});
