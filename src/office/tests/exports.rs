//! Files that nobody takes: they keep nobody else from signing in, nor the office from anything.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::support::*;
use crate::domain::record::Record;
use crate::domain::tracking_number::TrackingNumber;
use crate::office::exports::OF_PERSON_MAX;
use crate::office::people::Role;

/// Exports that are begun and not read.
const UNREAD: usize = 530;
/// Enough rows that no buffer between office and reader holds them all.
const ROWS: u32 = 30_000;

#[tokio::test]
async fn unread_exports_keep_nobody_away() {
    let office = TestOffice::start().await;
    let mut kiosk = TestKiosk::enrol(&office, 1).await;
    let request = kiosk.request(1);
    let envelope = kiosk.seal(&Record::Request(request.clone()));
    kiosk.send(&[envelope]).await.unwrap();
    copy_often(&office, &request.id.to_string(), &kiosk).await;
    let auditor = office.browser(Role::Auditor).await;
    office.person(Role::Manager).await;
    let address = office.server.staff_address;
    let unread = {
        let auditor = auditor.clone();
        blocking(move || (0..UNREAD).map(|_| begin(&auditor, address)).collect::<Vec<_>>()).await
    };
    let (begun, refused): (Vec<_>, Vec<_>) = unread.into_iter().partition(|(status, _)| *status == 200);
    assert_eq!((begun.len(), refused.len()), (OF_PERSON_MAX, UNREAD - OF_PERSON_MAX));
    assert!(refused.iter().all(|(status, _)| *status == 429));
    blocking(move || {
        let mut manager = Browser::at(address).signed_in("manager", PASSWORD);
        assert_eq!(manager.get("/requests").status, 200);
        assert_eq!(begin(&manager, address).0, 200, "each person has exports of their own");
        // A reader who goes gives the place back.
        drop(begun);
        let again = std::iter::from_fn(|| Some(begin(&auditor, address).0)).find(|status| *status == 200);
        assert_eq!(again, Some(200));
    })
    .await;
    assert_eq!(office.check().await.trail, "intact");
}

/// Asks for the list and reads no more than the status.
fn begin(browser: &Browser, address: SocketAddr) -> (u16, TcpStream) {
    let mut line = TcpStream::connect(address).unwrap();
    let head = browser.head("GET", "/requests/export/csv?list=all", "text/plain");
    line.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    let mut begin = [0; 12];
    line.read_exact(&mut begin).unwrap();
    (String::from_utf8_lossy(&begin[9..]).parse().unwrap(), line)
}

/// A list as long as that of a large office, by copying one request.
async fn copy_often(office: &TestOffice, id: &str, kiosk: &TestKiosk) {
    let mut writing = office.server.office().database.write().await.unwrap();
    let names: Vec<String> =
        sqlx::query_scalar("SELECT name FROM pragma_table_info('request')").fetch_all(&mut *writing).await.unwrap();
    let columns = names.join(", ");
    let values: Vec<&str> = names
        .iter()
        .map(|name| match name.as_str() {
            "id" => "$1",
            "tracking_number" => "$2",
            "arrival" => "$4",
            name => name,
        })
        .collect();
    let copy = format!("INSERT INTO request ({columns}) SELECT {} FROM request WHERE id = $3", values.join(", "));
    for number in 0..ROWS {
        let tracking_number = TrackingNumber::new(kiosk.enrolled.kiosk, 1000 + number);
        sqlx::query(sqlx::AssertSqlSafe(copy.clone()))
            .bind(format!("{number:032x}"))
            .bind(tracking_number.to_string())
            .bind(id)
            .bind(i64::from(1000 + number))
            .execute(&mut *writing)
            .await
            .unwrap();
    }
    writing.commit().await.unwrap();
}
