//! The office's sealing key is changed under way, with real processes: nothing is lost, and the kiosk seals to the new one.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Workplace, program, registration};

/// Waits until the kiosk has taken up the office's newest key: what it seals now, the office opens by that.
fn wait_for(workplace: &Workplace, what: &str) {
    let until = Instant::now() + Duration::from_secs(60);
    while !std::fs::read_to_string(workplace.path("kiosk.log")).unwrap_or_default().contains(what) {
        assert!(Instant::now() < until, "waited in vain for: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_rotated_key_reaches_the_kiosk_and_loses_nothing() {
    let (workplace, office) = Workplace::open();
    let offline = ["--offline", "--no-print"];
    workplace.visit(&offline, &registration("نورة القحطاني"));
    workplace.succeed(&["office", "keys", "rotate"], "office.toml", "");
    // Restarted, so that it needn't look again first.
    office.end();
    let office = workplace.start_office();

    let log = std::fs::File::create(workplace.path("kiosk.log")).unwrap();
    let mut kiosk = program();
    kiosk.args(["kiosk", "visit", "--no-print", "--script", "-", "--config"]).arg(workplace.path("kiosk.toml"));
    kiosk.env("ISTIQBAL_LOG", "istiqbal=info").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
    let mut kiosk = kiosk.spawn().unwrap();
    wait_for(&workplace, "another sealing key");
    drop(kiosk.stdin.take());
    assert!(kiosk.wait().unwrap().success());
    workplace.visit(&offline, &registration("سعد الشهري"));
    workplace.visit(&["--no-print"], &registration("منى عسيري"));
    let at_office = workplace.check("office");
    assert_eq!((&at_office["requests"], &at_office["damaged"]), (&3.into(), &0.into()), "{at_office}");

    // Without the old key's file the office doesn't begin; without the new one neither: both are needed.
    office.end();
    for name in ["office/office.seed", "office/sealing-0002.seed"] {
        std::fs::rename(workplace.path(name), workplace.path("aside.seed")).unwrap();
        let error = workplace.fail(&["office", "serve"], "office.toml", "");
        assert!(error.contains("estore"), "{name}: {error}");
        std::fs::rename(workplace.path("aside.seed"), workplace.path(name)).unwrap();
    }
}
