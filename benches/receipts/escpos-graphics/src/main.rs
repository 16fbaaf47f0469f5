//! Prints how many bytes the `escpos` crate makes of a picture.

use std::cell::Cell;
use std::rc::Rc;

use escpos::driver::Driver;
use escpos::errors::Result;
use escpos::printer::Printer;
use escpos::utils::{BitImageOption, BitImageSize, Protocol};

/// Counts what would be sent.
#[derive(Clone, Default)]
struct Counter(Rc<Cell<usize>>);

impl Driver for Counter {
    fn name(&self) -> String {
        "counter".into()
    }

    fn write(&self, data: &[u8]) -> Result<()> {
        self.0.set(self.0.get() + data.len());
        Ok(())
    }

    fn read(&self, _: &mut [u8]) -> Result<usize> {
        Ok(0)
    }

    fn flush(&self) -> Result<()> {
        Ok(())
    }
}

fn main() -> Result<()> {
    let path = std::env::args().nth(1).expect("the path of a picture");
    let counter = Counter::default();
    let whole = BitImageOption::new(Some(576), None, BitImageSize::Normal)?;
    Printer::new(counter.clone(), Protocol::default(), None).init()?.bit_image_option(&path, whole)?.partial_cut()?.print()?;
    println!("{}", counter.0.get());
    Ok(())
}
