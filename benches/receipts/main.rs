//! `make bench`: how fast a receipt comes, how many bytes it takes beside other makers' receipts, and what is read of its codes on
//! damaged paper.

mod damage;
mod decoders;
mod figures;
mod paper;
#[path = "../../tests/support/random.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod random;

fn main() {
    println!("receipts, release, one run\n");
    figures::run();
    paper::run();
}
