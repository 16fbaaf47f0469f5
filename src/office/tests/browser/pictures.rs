//! Pictures of every page for a person to look at; no test compares them.

use super::chrome::{Chrome, Look, is_installed};
use super::furnished::Furnished;
use super::places;
use crate::domain::language::Language;
use crate::office::people::Role;

/// `ISTIQBAL_PAGES_DIR=… cargo test --lib -- --ignored pictures_of_every_page`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it draws pictures for a person to look at"]
async fn pictures_of_every_page() {
    if !is_installed() {
        return;
    }
    let folder = std::path::PathBuf::from(std::env::var_os("ISTIQBAL_PAGES_DIR").expect("a folder for the pictures"));
    std::fs::create_dir_all(&folder).unwrap();
    let furnished = Furnished::start().await;
    let chrome = Chrome::signed_in(&furnished.office, Role::Administrator).await;
    for path in places::of(&furnished, Role::Administrator).await {
        let name: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        for (language, dark, width) in [
            (Language::Arabic, false, 1280),
            (Language::Arabic, true, 360),
            (Language::English, true, 1280),
            (Language::English, false, 360),
        ] {
            chrome.look(Look { language, dark, width }).await;
            chrome.open(&path).await;
            let height = chrome.run("return Math.min(4000, document.documentElement.scrollHeight)").await;
            let size = serde_json::json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
            chrome.devtools("Emulation.setDeviceMetricsOverride", size).await;
            let picture = chrome.client.screenshot().await.unwrap();
            let scheme = if dark { "dark" } else { "light" };
            std::fs::write(folder.join(format!("page{name}-{}-{scheme}-{width}.png", language.code())), picture)
                .unwrap();
        }
    }
}
