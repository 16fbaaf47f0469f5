//! Files that are encrypted, but open without a password: with the owner's password only, which forbids printing or copying
//! and keeps nobody from reading (7.6).

use aes::cipher::consts::U16;
use aes::cipher::{BlockDecrypt, BlockEncrypt, KeyInit};
use aes::{Aes128, Aes256, Block};
use md5::{Digest, Md5};
use sha2::{Sha256, Sha384, Sha512};

use super::document::Document;
use super::syntax::{Dictionary, Value};
use crate::office::uploads::FileError;
use crate::office::uploads::budget::{Budget, Exhausted};

/// Bytes with which an empty password is filled up (7.6.4.3.2).
const FILLING: [u8; 32] = [
    0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E, 0x2E, 0x00,
    0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A,
];
const BLOCK: usize = 16;
/// Steps that the key of a text costs.
const TEXT_STEPS: usize = 1024;
/// Maximum rounds of the hash of revision 6; on average there are 70.
const ROUNDS_MAX: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cipher {
    None,
    Rc4,
    Aes128,
    Aes256,
}

pub struct Encryption {
    key: Vec<u8>,
    streams: Cipher,
    texts: Cipher,
}

impl Encryption {
    /// Makes the key of the empty password; [`FileError::PasswordPdf`] if another is asked for.
    pub fn open(document: &Document, encrypt: &Dictionary, id: &[u8]) -> Result<Self, FileError> {
        let entries = Entries { document, encrypt };
        if entries.value(b"Filter")?.as_name() != Some(b"Standard") {
            return Err(FileError::PasswordPdf);
        }
        let (version, revision) = (entries.integer(b"V")?, entries.integer(b"R")?);
        let (streams, texts) = match version {
            1 | 2 => (Cipher::Rc4, Cipher::Rc4),
            4 | 5 => (entries.cipher(b"StmF")?, entries.cipher(b"StrF")?),
            _ => return Err(FileError::LockedPdf),
        };
        let key = match revision {
            2..=4 => {
                let length = match version {
                    1 => 5,
                    4 => 16,
                    _ => usize::try_from(entries.integer(b"Length")?).unwrap_or(0) / 8,
                };
                // Five bytes where nothing is said.
                key_until_4(&entries, revision, if length == 0 { 5 } else { length.clamp(5, 16) }, id)?
            }
            5 | 6 => key_from_5(&entries, revision)?,
            _ => return Err(FileError::LockedPdf),
        };
        let fits = |cipher| match cipher {
            Cipher::None => true,
            Cipher::Rc4 | Cipher::Aes128 => revision <= 4,
            Cipher::Aes256 => revision >= 5,
        };
        if !fits(streams) || !fits(texts) {
            return Err(FileError::LockedPdf);
        }
        Ok(Self { key, streams, texts })
    }

    /// The data of a stream of this object.
    pub fn stream(&self, number: u32, generation: u32, data: &[u8]) -> Vec<u8> {
        self.decrypted(self.streams, number, generation, data)
    }

    /// Decrypts each text in an object.
    pub fn texts(&self, budget: &Budget, number: u32, generation: u32, value: &mut Value) -> Result<(), Exhausted> {
        match value {
            Value::Text(text) => {
                budget.spend(TEXT_STEPS + text.len())?;
                *text = self.decrypted(self.texts, number, generation, text);
                Ok(())
            }
            Value::List(list) => list.iter_mut().try_for_each(|value| self.texts(budget, number, generation, value)),
            Value::Dictionary(dictionary) => {
                let mut values = dictionary.0.iter_mut().map(|(_, value)| value);
                values.try_for_each(|value| self.texts(budget, number, generation, value))
            }
            _ => Ok(()),
        }
    }

    fn decrypted(&self, cipher: Cipher, number: u32, generation: u32, data: &[u8]) -> Vec<u8> {
        let key = |salt: &[u8]| {
            let numbers = [&number.to_le_bytes()[..3], &generation.to_le_bytes()[..2], salt].concat();
            let length = (self.key.len() + 5).min(16);
            md5(&[&self.key, &numbers])[..length].to_vec()
        };
        match cipher {
            Cipher::None => data.to_vec(),
            Cipher::Rc4 => rc4(&key(b""), data),
            // A key of fewer bytes is no key of AES: such a file can't be read by anybody.
            Cipher::Aes128 => Aes128::new_from_slice(&key(b"sAlT")).map(|aes| unpadded(&aes, data)).unwrap_or_default(),
            Cipher::Aes256 => Aes256::new_from_slice(&self.key).map(|aes| unpadded(&aes, data)).unwrap_or_default(),
        }
    }
}

/// The entries of the dictionary of encryption, which may be references.
struct Entries<'a> {
    document: &'a Document<'a>,
    encrypt: &'a Dictionary,
}

impl Entries<'_> {
    fn value(&self, key: &[u8]) -> Result<Value, FileError> {
        Ok(self.document.resolved(self.encrypt.get(key).unwrap_or(&Value::Null))?.into_owned())
    }

    fn integer(&self, key: &[u8]) -> Result<i64, FileError> {
        Ok(self.value(key)?.as_integer().unwrap_or(0))
    }

    fn text(&self, key: &[u8], length: usize) -> Result<Vec<u8>, FileError> {
        let value = self.value(key)?;
        let text = value.as_text().and_then(|text| text.get(..length));
        text.map(<[u8]>::to_vec).ok_or(FileError::LockedPdf)
    }

    /// The cipher of a named crypt filter (7.6.6).
    fn cipher(&self, key: &[u8]) -> Result<Cipher, FileError> {
        let name = self.value(key)?;
        let name = match name.as_name() {
            None | Some(b"Identity") => return Ok(Cipher::None),
            Some(name) => name,
        };
        let filters = self.value(b"CF")?;
        let filter = filters.as_dictionary().and_then(|filters| filters.get(name)).unwrap_or(&Value::Null);
        let filter = self.document.resolved(filter)?.into_owned();
        let method = filter.as_dictionary().and_then(|filter| filter.get(b"CFM")).cloned().unwrap_or(Value::Null);
        match self.document.resolved(&method)?.as_name() {
            Some(b"None") => Ok(Cipher::None),
            Some(b"V2") => Ok(Cipher::Rc4),
            Some(b"AESV2") => Ok(Cipher::Aes128),
            Some(b"AESV3") => Ok(Cipher::Aes256),
            _ => Err(FileError::LockedPdf),
        }
    }
}

/// Algorithms 2, 4 and 5 (7.6.4), for the empty password.
fn key_until_4(entries: &Entries, revision: i64, length: usize, id: &[u8]) -> Result<Vec<u8>, FileError> {
    let owner = entries.text(b"O", 32)?;
    // Thirty-two bits with a sign, which some makers write without.
    let permissions = (entries.integer(b"P")? as u32).to_le_bytes();
    let no_metadata = revision >= 4 && entries.value(b"EncryptMetadata")? == Value::Boolean(false);
    let more: &[u8] = if no_metadata { &[0xFF; 4] } else { &[] };
    let mut key = md5(&[&FILLING, &owner, &permissions, id, more])[..length].to_vec();
    if revision >= 3 {
        for _ in 0..50 {
            key = md5(&[&key])[..length].to_vec();
        }
    }
    let (expected, compared) = if revision >= 3 {
        let mut expected = rc4(&key, &md5(&[&FILLING, id]));
        for round in 1..=19 {
            let key: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
            expected = rc4(&key, &expected);
        }
        (expected, 16)
    } else {
        (rc4(&key, &FILLING), 32)
    };
    if entries.text(b"U", compared)? == expected { Ok(key) } else { Err(FileError::PasswordPdf) }
}

/// Algorithm 2.A (7.6.4.3.3), for the empty password.
fn key_from_5(entries: &Entries, revision: i64) -> Result<Vec<u8>, FileError> {
    let user = entries.text(b"U", 48)?;
    let hash = |salt: &[u8]| if revision == 5 { Sha256::digest(salt).to_vec() } else { hash_of_6(salt) };
    if hash(&user[32..40]) != user[..32] {
        return Err(FileError::PasswordPdf);
    }
    let aes = Aes256::new_from_slice(&hash(&user[40..48])).map_err(|_| FileError::LockedPdf)?;
    Ok(decrypted_blocks(&aes, &[0; BLOCK], &entries.text(b"UE", 32)?))
}

/// Algorithm 2.B (ISO 32000-2, 7.6.4.3.4), for the empty password of a user.
fn hash_of_6(salt: &[u8]) -> Vec<u8> {
    let mut key = Sha256::digest(salt).to_vec();
    for round in 0..ROUNDS_MAX {
        let mut text = key.repeat(64);
        // Each hash has 32 bytes or more: the key and the vector.
        let (Some(first), Some(vector)) = (key.first_chunk::<BLOCK>(), key[BLOCK..].first_chunk()) else { break };
        encrypt_blocks(&Aes128::new(first.into()), vector, &mut text);
        let remainder = text[..16].iter().map(|byte| u32::from(*byte)).sum::<u32>() % 3;
        key = match remainder {
            0 => Sha256::digest(&text).to_vec(),
            1 => Sha384::digest(&text).to_vec(),
            _ => Sha512::digest(&text).to_vec(),
        };
        let last = text.last().copied().map_or(0, usize::from);
        if round >= 63 && last <= round + 1 - 32 {
            break;
        }
    }
    key.truncate(32);
    key
}

fn md5(parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Md5::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

fn rc4(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut state: [u8; 256] = std::array::from_fn(|place| place as u8);
    let mut other = 0_u8;
    for place in 0..256 {
        other = other.wrapping_add(state[place]).wrapping_add(key[place % key.len()]);
        state.swap(place, usize::from(other));
    }
    let (mut place, mut other) = (0_u8, 0_u8);
    let next = |byte: &u8| {
        place = place.wrapping_add(1);
        other = other.wrapping_add(state[usize::from(place)]);
        state.swap(usize::from(place), usize::from(other));
        byte ^ state[usize::from(state[usize::from(place)].wrapping_add(state[usize::from(other)]))]
    };
    data.iter().map(next).collect()
}

/// The first block is the vector; at the end stand as many bytes of filling as the last of them says.
fn unpadded(aes: &impl BlockDecrypt<BlockSize = U16>, data: &[u8]) -> Vec<u8> {
    let Some((vector, data)) = data.split_first_chunk() else { return Vec::new() };
    let mut text = decrypted_blocks(aes, vector, data);
    if let Some(filling @ 1..=16) = text.last().map(|last| usize::from(*last)) {
        text.truncate(text.len().saturating_sub(filling));
    }
    text
}

/// Cipher block chaining; what is no whole block is left out.
fn decrypted_blocks(aes: &impl BlockDecrypt<BlockSize = U16>, vector: &[u8; BLOCK], data: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(data.len());
    let mut before = vector;
    for encrypted in data.as_chunks::<BLOCK>().0 {
        let mut block = Block::from(*encrypted);
        aes.decrypt_block(&mut block);
        text.extend(block.iter().zip(before).map(|(byte, before)| byte ^ before));
        before = encrypted;
    }
    text
}

fn encrypt_blocks(aes: &Aes128, vector: &[u8; BLOCK], text: &mut [u8]) {
    let mut before = *vector;
    for bytes in text.as_chunks_mut::<BLOCK>().0 {
        let mut block = Block::from(std::array::from_fn(|place| bytes[place] ^ before[place]));
        aes.encrypt_block(&mut block);
        before = block.into();
        *bytes = before;
    }
}
