//! Where the printer is, as `config/kiosk.toml` says it.

use std::path::PathBuf;

use serde::Deserialize;

/// Where the printer is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Address {
    /// `tcp://host:port`, usually port 9100
    Tcp(String),
    /// `usb://04b8:0e15`, or with its serial number behind another slash where two of a kind are plugged in
    Usb(UsbAddress),
    /// `serial:///dev/ttyUSB0?baud=115200&flow=hardware`
    Serial(SerialAddress),
    /// `file:///dev/usb/lp0`, or any other path
    File(PathBuf),
    /// No printer: number and QR code stay on the screen
    Off,
}

/// A printer on the USB, by the numbers that `lsusb` and `istiqbal kiosk print-test` show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsbAddress {
    pub vendor: u16,
    pub product: u16,
    pub serial_number: Option<String>,
}

/// A printer at a serial line: 8 data bits, no parity, 1 stop bit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialAddress {
    pub path: PathBuf,
    /// Bits a second
    pub baud: u32,
    pub flow: Flow,
}

/// How a serial printer says that its buffer is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    None,
    /// RTS and CTS
    Hardware,
    /// XON and XOFF
    Software,
}

/// What most serial printers are set to.
const USUAL_BAUD: u32 = 115_200;
const BAUDS: std::ops::RangeInclusive<u32> = 1200..=921_600;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no printer: write tcp://host:9100, usb://04b8:0e15, serial:///dev/ttyUSB0?baud=115200, file:///dev/usb/lp0 or off; `istiqbal kiosk print-test` shows what is plugged in"
)]
pub struct AddressError(String);

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        let parsed = match text.split_once("://") {
            Some(("tcp", address)) => tcp(address),
            Some(("usb", address)) => usb(address).map(Self::Usb),
            Some(("serial", address)) => serial(address).map(Self::Serial),
            Some(("file", path)) if path.starts_with('/') => Some(Self::File(path.into())),
            None if text == "off" => Some(Self::Off),
            _ => None,
        };
        parsed.ok_or(AddressError(text))
    }
}

fn tcp(address: &str) -> Option<Address> {
    let (host, port) = address.rsplit_once(':')?;
    (!host.is_empty() && port.parse::<u16>().is_ok()).then(|| Address::Tcp(address.to_owned()))
}

fn usb(address: &str) -> Option<UsbAddress> {
    let (numbers, serial_number) = match address.split_once('/') {
        Some((numbers, serial)) => (numbers, Some(serial.to_owned()).filter(|serial| !serial.is_empty())),
        None => (address, None),
    };
    let (vendor, product) = numbers.split_once(':')?;
    let number = |text: &str| u16::from_str_radix(text, 16).ok().filter(|_| text.len() == 4);
    Some(UsbAddress { vendor: number(vendor)?, product: number(product)?, serial_number })
}

fn serial(address: &str) -> Option<SerialAddress> {
    let (path, settings) = address.split_once('?').unwrap_or((address, ""));
    let mut serial = SerialAddress { path: path.into(), baud: USUAL_BAUD, flow: Flow::None };
    for setting in settings.split('&').filter(|setting| !setting.is_empty()) {
        match setting.split_once('=')? {
            ("baud", baud) => serial.baud = baud.parse().ok().filter(|baud| BAUDS.contains(baud))?,
            ("flow", "none") => serial.flow = Flow::None,
            ("flow", "hardware") => serial.flow = Flow::Hardware,
            ("flow", "software") => serial.flow = Flow::Software,
            _ => return None,
        }
    }
    path.starts_with('/').then_some(serial)
}

impl std::fmt::Display for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(address) => write!(formatter, "tcp://{address}"),
            Self::Usb(usb) => usb.fmt(formatter),
            Self::Serial(serial) => {
                let flow = match serial.flow {
                    Flow::None => "none",
                    Flow::Hardware => "hardware",
                    Flow::Software => "software",
                };
                write!(formatter, "serial://{}?baud={}&flow={flow}", serial.path.display(), serial.baud)
            }
            Self::File(path) => write!(formatter, "file://{}", path.display()),
            Self::Off => formatter.write_str("off"),
        }
    }
}

impl std::fmt::Display for UsbAddress {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "usb://{:04x}:{:04x}", self.vendor, self.product)?;
        match &self.serial_number {
            Some(serial) => write!(formatter, "/{serial}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_shown() {
        for text in [
            "tcp://192.168.1.20:9100",
            "tcp://[::1]:9100",
            "usb://04b8:0e15",
            "usb://04b8:0e15/X3Y4",
            "serial:///dev/ttyUSB0?baud=19200&flow=hardware",
            "file:///dev/usb/lp0",
            "off",
        ] {
            assert_eq!(Address::try_from(text.to_owned()).unwrap().to_string(), text);
        }
        let usual = Address::try_from("serial:///dev/ttyS0".to_owned()).unwrap();
        assert_eq!(usual.to_string(), "serial:///dev/ttyS0?baud=115200&flow=none");
    }

    #[test]
    fn anything_else_is_refused_with_what_to_write() {
        for text in [
            "",
            "on",
            "tcp://printer",
            "tcp://:9100",
            "usb://epson",
            "usb://4b8:e15",
            "serial://ttyUSB0",
            "serial:///dev/ttyUSB0?baud=5",
            "serial:///dev/ttyUSB0?parity=odd",
            "file://lp0",
            "lpt1",
        ] {
            let error = Address::try_from(text.to_owned()).unwrap_err().to_string();
            assert!(error.contains("print-test"), "{text}: {error}");
        }
    }
}
