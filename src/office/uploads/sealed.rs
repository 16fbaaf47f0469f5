//! What is kept of a scan: sealed to the office's newest sealing key, part by part, each bound to its upload and place.

use crate::office::database::uploads::UploadId;
use crate::seal::keys::{OfficeKeys, SealingKeyId};
use crate::seal::sealing::{self, SealingError};

/// The bytes of a part before it is sealed: rows of the database stay small.
const PART_BYTES: usize = 256 * 1024;

/// A file and its name, sealed.
pub struct Sealed {
    pub key: SealingKeyId,
    pub name: Vec<u8>,
    pub parts: Vec<Vec<u8>>,
}

/// What a part is bound to: no part can be taken for another, none left out at the end.
fn associated(upload: UploadId, number: usize, parts: usize) -> Vec<u8> {
    let numbers = [number as u64, parts as u64].map(u64::to_be_bytes);
    [b"istiqbal upload 1".as_slice(), &upload.0, numbers.as_flattened()].concat()
}

fn associated_name(upload: UploadId) -> Vec<u8> {
    [b"istiqbal upload name 1".as_slice(), &upload.0].concat()
}

pub fn seal(keys: &OfficeKeys, upload: UploadId, name: &str, bytes: &[u8]) -> Result<Sealed, SealingError> {
    let key = keys.sealing_key();
    let count = bytes.chunks(PART_BYTES).count();
    let parts = bytes.chunks(PART_BYTES).enumerate();
    let parts = parts.map(|(number, part)| sealing::seal(&key, &associated(upload, number, count), part));
    Ok(Sealed {
        key: key.id(),
        name: sealing::seal(&key, &associated_name(upload), name.as_bytes())?,
        parts: parts.collect::<Result<_, _>>()?,
    })
}

/// The whole file again.
pub fn open_bytes(
    keys: &OfficeKeys,
    key: SealingKeyId,
    upload: UploadId,
    parts: &[Vec<u8>],
) -> Result<Vec<u8>, SealingError> {
    let mut bytes = Vec::with_capacity(parts.iter().map(Vec::len).sum());
    for (number, part) in parts.iter().enumerate() {
        let opened = sealing::open_named(keys, key, &associated(upload, number, parts.len()), part)?;
        bytes.extend_from_slice(&opened);
    }
    Ok(bytes)
}

pub fn open_name(keys: &OfficeKeys, key: SealingKeyId, upload: UploadId, name: &[u8]) -> Result<String, SealingError> {
    let opened = sealing::open_named(keys, key, &associated_name(upload), name)?;
    Ok(String::from_utf8_lossy(&opened).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::seed::Seed;

    #[test]
    fn a_part_is_opened_only_in_its_place() {
        let keys = OfficeKeys::from_seed(&Seed::fixed(1));
        let upload = UploadId([1; 16]);
        let bytes: Vec<u8> = (0..2 * PART_BYTES + 10).map(|place| place as u8).collect();
        let Sealed { key, name, parts } = seal(&keys, upload, "هوية.pdf", &bytes).unwrap();
        assert_eq!(parts.len(), 3);
        assert_eq!(open_bytes(&keys, key, upload, &parts).unwrap(), bytes);
        assert_eq!(open_name(&keys, key, upload, &name).unwrap(), "هوية.pdf");
        let later = OfficeKeys::from_seeds(&Seed::fixed(1), &[Seed::fixed(2)]);
        assert_eq!(open_bytes(&later, key, upload, &parts).unwrap(), bytes, "after a rotation");
        assert!(open_bytes(&keys, key, upload, &parts[..2]).is_err(), "cut off");
        let swapped = [parts[1].clone(), parts[0].clone(), parts[2].clone()];
        assert!(open_bytes(&keys, key, upload, &swapped).is_err());
        assert!(open_bytes(&keys, key, UploadId([2; 16]), &parts).is_err(), "of another upload");
        let foreign = OfficeKeys::from_seed(&Seed::fixed(3));
        assert!(open_bytes(&foreign, key, upload, &parts).is_err());
    }
}
