//! `docs/roles.md` says what `Permission::roles` says.

use std::collections::BTreeMap;

use crate::office::people::{Permission, Role};

#[test]
fn the_table_of_the_roles_is_true() {
    let text = include_str!("../../../docs/roles.md");
    let cells = |line: &str| line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    let table: Vec<Vec<String>> = text.lines().filter(|line| line.starts_with("| ")).map(cells).collect();
    let names: Vec<&str> = Role::ALL.map(Role::as_str).into();
    let head = table.iter().find(|row| row[0] == "permission").expect("the table's head");
    assert_eq!(head[2..], names);
    let rows: BTreeMap<&str, &Vec<String>> = table
        .iter()
        .filter(|row| row[0].starts_with('`') && row.len() == head.len())
        .map(|row| (row[0].trim_matches('`'), row))
        .collect();
    for permission in Permission::ALL {
        let row = rows.get(format!("{permission:?}").as_str()).unwrap_or_else(|| panic!("no row for {permission:?}"));
        assert!(!row[1].is_empty(), "{permission:?} is explained");
        for (role, cell) in Role::ALL.iter().zip(&row[2..]) {
            let may = if role.may(permission) { "yes" } else { "" };
            assert_eq!(cell, may, "{permission:?} for {role}");
        }
    }
    assert_eq!(rows.len(), Permission::ALL.len(), "a row without a permission");
}
