//! `make bench`: how fast the screens answer a touch, and what the whole kiosk takes beside a browser with an equal page.

mod frames;
mod whole;

/// The median and the value that 99 of 100 stay below.
pub struct Spread {
    pub median: f64,
    pub p99: f64,
}

impl Spread {
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |part: f64| values[((values.len() - 1) as f64 * part) as usize];
        Self { median: at(0.5), p99: at(0.99) }
    }
}

fn main() {
    println!("screens, 1080 × 1920, software renderer, release, one run\n");
    frames::run();
    whole::run();
}
