//! Kiosks are the witnesses of the office's trail: what they kept tells whether it was written anew.

use crate::support::{Workplace, registration};

#[test]
fn a_kiosk_keeps_the_trail_s_head_and_the_office_looks_for_it() {
    let (workplace, office) = Workplace::open();
    workplace.visit(&["--no-print"], &registration("نورة القحطاني"));
    let text = workplace.succeed(&["kiosk", "check", "--list"], "kiosk.toml", "");
    let check: serde_json::Value = serde_json::from_str(&text).unwrap();
    let heads: Vec<&str> =
        check["trail_heads"].as_object().unwrap().values().map(|head| head.as_str().unwrap()).collect();
    let [head] = heads.as_slice() else { panic!("one a day: {check}") };
    let of = |head: &str| workplace.run(&["office", "check", "--trail-head", head], "office.toml", "");
    assert!(of(head).status.success());
    office.end();

    // Another trail, as whole as the first: somebody has begun it anew.
    std::fs::remove_file(workplace.path("office/office.sqlite")).unwrap();
    for more in ["-wal", "-shm", ".count"] {
        let _ = std::fs::remove_file(workplace.path(&format!("office/office.sqlite{more}")));
    }
    workplace.succeed(&["office", "init"], "office.toml", "");
    assert_eq!(workplace.check("office")["trail"], "intact");
    let found = of(head);
    let text = String::from_utf8_lossy(&found.stdout).into_owned();
    assert!(!found.status.success() && text.contains("written anew"), "{text}");
    assert!(workplace.fail(&["office", "check", "--trail-head", "abc"], "office.toml", "").contains("64 hexadecimal"));
}
