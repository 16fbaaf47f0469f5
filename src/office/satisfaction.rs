//! Honest satisfaction figures: how many, of how many, within what limits; small cells withheld. A rating is a right and
//! a tool for improvement (P13): no figure names a person, and none is compared with an arrow.

use super::database::ratings::Faces;

/// The normal quantile of a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % Wilson score interval (E. B. Wilson, 1927) of a share, from 0 to 1.
pub fn wilson(hits: u64, of: u64) -> Option<(f64, f64)> {
    if of == 0 || hits > of {
        return None;
    }
    let n = of as f64;
    let share = hits as f64 / n;
    let middle = share + Z * Z / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    Some((((middle - spread) / scale).max(0.0), ((middle + spread) / scale).min(1.0)))
}

/// The figures of one service, or `None` for those that came in as "all services".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub service: Option<String>,
    pub faces: Faces,
    /// How many deliveries could have been rated; `None` where that can't be said
    pub delivered: Option<u64>,
    pub withheld: bool,
}

/// Withholds cells of fewer than `minimum` ratings, and more of them while the total would still give away what is
/// withheld. True when the total itself may be shown.
pub fn withhold(cells: &mut [Cell], minimum: u64) -> bool {
    for cell in cells.iter_mut() {
        cell.withheld = (1..minimum).contains(&cell.faces.total());
    }
    loop {
        let hidden: Vec<u64> = cells.iter().filter(|cell| cell.withheld).map(|cell| cell.faces.total()).collect();
        // The total minus all shown cells is the sum of the hidden ones: of one cell it would be the cell itself.
        if hidden.is_empty() || (hidden.len() > 1 && hidden.iter().sum::<u64>() >= minimum) {
            break;
        }
        let smallest = cells
            .iter_mut()
            .filter(|cell| !cell.withheld && cell.faces.total() > 0)
            .min_by_key(|cell| cell.faces.total());
        match smallest {
            Some(cell) => cell.withheld = true,
            None => return false,
        }
    }
    cells.iter().map(|cell| cell.faces.total()).sum::<u64>() >= minimum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_s_interval_against_known_values() {
        for (hits, of, low, high) in
            [(8, 10, 0.490_162_5, 0.943_317_8), (0, 10, 0.0, 0.277_532_8), (10, 10, 0.722_467_2, 1.0)]
        {
            let (found_low, found_high) = wilson(hits, of).unwrap();
            assert!((found_low - low).abs() < 1e-6 && (found_high - high).abs() < 1e-6, "{found_low} {found_high}");
        }
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(2, 1), None);
    }

    fn cells(totals: &[u64]) -> Vec<Cell> {
        let cell = |total: &u64| Cell {
            service: None,
            faces: Faces { counts: [0, 0, 0, *total] },
            delivered: None,
            withheld: false,
        };
        totals.iter().map(cell).collect()
    }

    fn shown(totals: &[u64]) -> (Vec<bool>, bool) {
        let mut cells = cells(totals);
        let total = withhold(&mut cells, 5);
        (cells.iter().map(|cell| !cell.withheld).collect(), total)
    }

    #[test]
    fn a_small_cell_can_t_be_computed_from_the_others() {
        assert_eq!(shown(&[10, 20]), (vec![true, true], true));
        assert_eq!(shown(&[4, 10, 20]), (vec![false, false, true], true));
        assert_eq!(shown(&[2, 4, 20]), (vec![false, false, true], true));
        assert_eq!(shown(&[1, 1, 20]), (vec![false, false, false], true));
        assert_eq!(shown(&[4]), (vec![false], false));
        assert_eq!(shown(&[0, 4]), (vec![true, false], false));
        assert_eq!(shown(&[]), (vec![], false));
    }
}
