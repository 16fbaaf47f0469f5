//! Damage to what the kiosk keeps, and copies of earlier that are put back.

use std::cell::RefCell;
use std::path::Path;

use super::world::World;
use crate::ledger::disk::simulated::End;
use crate::ledger::disk::{self, Kind};

impl World<'_> {
    /// An earlier state of the store, for later.
    pub fn copy_store(&mut self) {
        if self.stop_in_order() {
            self.tell("the store is copied");
            self.store_copy = Some(self.kiosk.copy_of(&self.kiosk.folder.join("sled")));
        }
    }

    /// Journal or store, or a small file; never both, and only where all of them were whole.
    pub fn damage_a_copy(&mut self) {
        if !self.stop_in_order() {
            return;
        }
        let what = match self.chance.below(8) {
            0..=3 => self.damage_journal(),
            4..=6 => self.damage_store(),
            _ => self.damage_small_file(),
        };
        self.tell(format!("damage: {what}"));
        let looks_well = if self.chance.one_in(2) {
            let found = self.kiosk.check().expect("a check comes to its end");
            self.tell(format!("  check: {:?}", found.damaged));
            found.damaged.is_empty()
        } else {
            false
        };
        self.kiosk.settle();
        let is_disturbed = self.chance.one_in(2);
        if let Some(disk) = self.kiosk.disk().filter(|_| is_disturbed) {
            let (call, end) = (1 + self.chance.below(160), [End::Kill, End::Power][self.chance.below(2) as usize]);
            disk.end_at(end, call);
            self.tell(format!("  {end:?} at call {call} of the opening"));
        } else if looks_well {
            let report = self.kiosk.start().expect("what looks well can be opened");
            self.hear_of_opening(&report);
            assert_eq!(report.repairs, Vec::<String>::new(), "the check saw nothing of it");
        }
        self.see_to_kiosk();
    }

    /// The store is gone, and a part of the journal: what is in no file any more is noted.
    pub fn damage_both(&mut self) {
        if !self.stop_in_order() {
            return;
        }
        let before = self.kiosk.places();
        let what = self.damage_journal();
        disk::remove_folder(&self.kiosk.folder.join("sled")).unwrap();
        self.kiosk.settle();
        let after = self.kiosk.places();
        let destroyed = before.into_iter().filter(|(place, _)| !after.contains_key(place));
        self.oracle.destroyed.extend(destroyed);
        let numbers: Vec<_> = self.oracle.destroyed.values().flatten().copied().collect();
        self.tell(format!("damage: the store is gone, and {what}: {numbers:?} are in no file any more"));
        self.oracle.may_be_lost.extend(numbers);
        self.store_copy = None;
        self.see_to_kiosk();
    }

    fn damage_journal(&mut self) -> String {
        let segments = self.kiosk.segments();
        let path = segments[self.chance.below(segments.len() as u64) as usize].clone();
        self.damage_file(&path)
    }

    fn damage_store(&mut self) -> String {
        let folder = self.kiosk.folder.join("sled");
        match self.chance.below(4) {
            0 => {
                disk::remove_folder(&folder).unwrap();
                "the store is gone".into()
            }
            1 if self.store_copy.is_some() => {
                self.kiosk.put_back(&folder, self.store_copy.as_ref().unwrap());
                "the store is an earlier one".into()
            }
            2 => {
                disk::write(&self.kiosk.folder.join("opening"), b"").unwrap();
                "the last start broke off while it opened the store".into()
            }
            _ => {
                let files = self.kiosk.files_in("sled");
                let path = files[self.chance.below(files.len() as u64) as usize].clone();
                self.damage_file(&path)
            }
        }
    }

    fn damage_small_file(&mut self) -> String {
        let name = self.draw(&["gone", "count", "account"]);
        let path = self.kiosk.folder.join(name);
        self.damage_file(&path)
    }

    fn damage_file(&mut self, path: &Path) -> String {
        let name = path.strip_prefix(&self.kiosk.folder).unwrap().display().to_string();
        let (kind, place, length) = (self.chance.below(7), self.chance.draw(), self.chance.draw());
        let said = RefCell::new("is not there".to_owned());
        if kind == 0 {
            let is_gone = disk::remove_file(path).is_ok();
            return if is_gone { format!("{name} is gone") } else { format!("{name} is not there") };
        }
        // A store that can't be read is no damage of the store: the kiosk waits for another disk.
        if let Some(disk) = self.kiosk.disk().filter(|_| kind == 6 && !name.starts_with("sled")) {
            let Ok(Kind::File { bytes }) = disk::kind(path) else { return format!("{name} is not there") };
            let at = (place % bytes.max(1)) as usize;
            let until = at + 1 + (length % 3000) as usize;
            disk.spoil(path, at..until);
            return format!("sectors of {name} from {at} to {until} can't be read");
        }
        self.kiosk.edit(path, |bytes| {
            let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            if written == 0 {
                return;
            }
            let at = (place % written as u64) as usize;
            let until = |length: u64| written.min(at + 1 + length as usize);
            *said.borrow_mut() = match kind {
                1 => {
                    bytes[at] ^= 1 << (length % 8);
                    format!("one bit of {name} at {at}")
                }
                2 => {
                    bytes.truncate(at);
                    format!("{name} is cut off at {at}")
                }
                3 => {
                    let until = until(length % 6000);
                    bytes[at..until].fill(0);
                    format!("zeros in {name} from {at} to {until}")
                }
                4 => {
                    let (from, until) = (at / 512 * 512, written.min((at / 512 + 1) * 512));
                    bytes[from..until].fill(0);
                    format!("a sector of {name} at {from} is zeros")
                }
                _ => {
                    let until = until(length % 3000);
                    bytes[at..until].fill(0x5a);
                    format!("garbage in {name} from {at} to {until}")
                }
            };
        });
        said.into_inner()
    }

    /// Somebody puts a copy of the whole folder back, made a while ago.
    pub fn kiosk_copy_or_return(&mut self) {
        if !self.stop_in_order() {
            return;
        }
        match self.kiosk_copy.take() {
            None => {
                self.tell("the kiosk's folder is copied");
                self.kiosk_copy = Some((self.kiosk.copy_of(&self.kiosk.folder), self.oracle.given.clone()));
            }
            Some((files, given)) => {
                self.tell("the kiosk's folder of a while ago is put back");
                self.kiosk.put_back(&self.kiosk.folder, &files);
                self.oracle.may_be_lost.extend(self.oracle.given.difference(&given).copied());
                self.oracle.kiosk_returned = true;
                self.store_copy = None;
            }
        }
    }
}
