//! Printers on the USB: the printer class (USB Device Class Definition for Printing Devices 1.1), its two bulk endpoints.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nusb::transfer::{Buffer, Bulk, Direction, In, Out, TransferError};
use nusb::{DeviceInfo, Endpoint, Interface, MaybeFuture, list_devices};

use super::address::UsbAddress;
use super::line::Line;

/// bInterfaceClass of printers.
const PRINTER_CLASS: u8 = 7;
/// So many bytes are handed over at once.
const PORTION: usize = 4096;
/// A transfer can be asked for no less than this.
const LEAST_WAIT: Duration = Duration::from_millis(1);

/// A printer that is plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundUsb {
    pub address: UsbAddress,
    /// Maker and model, as the device names itself
    pub name: String,
}

/// Every printer on the USB.
pub fn found() -> io::Result<Vec<FoundUsb>> {
    Ok(list_devices().wait()?.filter(is_printer).map(|device| describe(&device)).collect())
}

pub(super) fn open(address: &UsbAddress) -> io::Result<UsbLine> {
    let wanted = |device: &DeviceInfo| {
        device.vendor_id() == address.vendor
            && device.product_id() == address.product
            && (address.serial_number.is_none() || device.serial_number() == address.serial_number.as_deref())
    };
    let missing = || io::Error::new(io::ErrorKind::NotFound, "no such printer is plugged in");
    let found = list_devices().wait()?.find(wanted).ok_or_else(missing)?;
    let number = found.interfaces().find(|interface| interface.class() == PRINTER_CLASS);
    let number = number.map_or(0, |interface| interface.interface_number());
    let device = found.open().wait()?;
    // The kernel's own usblp may hold it.
    let interface = device.detach_and_claim_interface(number).wait()?;
    UsbLine::new(&interface)
}

fn is_printer(device: &DeviceInfo) -> bool {
    device.class() == PRINTER_CLASS || device.interfaces().any(|interface| interface.class() == PRINTER_CLASS)
}

fn describe(device: &DeviceInfo) -> FoundUsb {
    let names = [device.manufacturer_string(), device.product_string()];
    FoundUsb {
        address: UsbAddress {
            vendor: device.vendor_id(),
            product: device.product_id(),
            serial_number: device.serial_number().map(str::to_owned),
        },
        name: names.into_iter().flatten().collect::<Vec<_>>().join(" "),
    }
}

/// An open printer. Only the printer's thread uses it; the locks are never contended.
pub(super) struct UsbLine {
    out: Mutex<Endpoint<Bulk, Out>>,
    /// A printer may have none
    back: Option<Mutex<Receiving>>,
}

struct Receiving {
    endpoint: Endpoint<Bulk, In>,
    /// Received, and not yet taken
    waiting: Vec<u8>,
}

impl UsbLine {
    fn new(interface: &Interface) -> io::Result<Self> {
        let bulk = |direction| {
            let endpoints: Vec<(u8, Direction)> = interface
                .descriptor()
                .map(|descriptor| descriptor.endpoints().map(|end| (end.address(), end.direction())).collect())
                .unwrap_or_default();
            endpoints.into_iter().find(|(_, its)| *its == direction).map(|(address, _)| address)
        };
        let no_way = || io::Error::new(io::ErrorKind::Unsupported, "this device has no way to send it bytes");
        let out = interface.endpoint::<Bulk, Out>(bulk(Direction::Out).ok_or_else(no_way)?)?;
        let back = bulk(Direction::In).and_then(|address| interface.endpoint::<Bulk, In>(address).ok());
        let back = back.map(|endpoint| Mutex::new(Receiving { endpoint, waiting: Vec::new() }));
        Ok(Self { out: Mutex::new(out), back })
    }
}

impl Line for UsbLine {
    fn send(&self, bytes: &[u8], wait: Duration) -> io::Result<usize> {
        let portion = &bytes[..bytes.len().min(PORTION)];
        let done = lock(&self.out).transfer_blocking(Buffer::from(portion.to_vec()), wait.max(LEAST_WAIT));
        match done.status {
            Ok(()) => Ok(done.actual_len),
            // It took some, or none, before the time was over.
            Err(TransferError::Cancelled) => Ok(done.actual_len),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    fn receive(&self, buffer: &mut [u8], wait: Duration) -> io::Result<usize> {
        let Some(back) = &self.back else { return Ok(0) };
        let mut back = lock(back);
        if back.waiting.is_empty() {
            back.wait_for_bytes(wait)?;
        }
        let taken = back.waiting.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&back.waiting[..taken]);
        back.waiting.drain(..taken);
        Ok(taken)
    }

    fn answers(&self) -> bool {
        self.back.is_some()
    }
}

impl Receiving {
    /// One request stands all the time: what the printer says unasked must not be lost.
    fn wait_for_bytes(&mut self, wait: Duration) -> io::Result<()> {
        if self.endpoint.pending() == 0 {
            let size = self.endpoint.max_packet_size();
            let buffer = self.endpoint.allocate(size);
            self.endpoint.submit(buffer);
        }
        let Some(done) = self.endpoint.wait_next_complete(wait.max(LEAST_WAIT)) else { return Ok(()) };
        done.status.map_err(io::Error::other)?;
        self.waiting.extend_from_slice(&done.buffer[..done.actual_len]);
        Ok(())
    }
}

/// A panic in between leaves an endpoint, which is always whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
