//! Divides an amount by weights, so that the parts add up to it exactly (largest remainder).

/// Divides `amount` in proportion to `weights`. Every part is rounded down, and the units that
/// are left over go to the parts with the largest remainders, the first of equal ones first.
///
/// The parts add up to `amount` unless all weights are zero (then all parts are). Weights and
/// amount count as at least zero. A part is never above its weight if `amount` is not above the
/// sum of the weights.
#[must_use]
pub fn spread(amount: i128, weights: &[i128]) -> Vec<i128> {
    let sum = weights.iter().fold(0_i128, |sum, w| sum.saturating_add((*w).max(0)));
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let amount = amount.max(0);
    let exact = |weight: &i128| {
        let product = amount.saturating_mul((*weight).max(0));
        let part = product.checked_div(sum).unwrap_or_default();
        (part, product.checked_rem(sum).unwrap_or_default())
    };
    let (mut parts, remainders): (Vec<i128>, Vec<i128>) = weights.iter().map(exact).unzip();
    let left = parts.iter().fold(amount, |left, part| left.saturating_sub(*part));
    let mut largest_first: Vec<(i128, &mut i128)> =
        remainders.into_iter().zip(parts.iter_mut()).collect();
    // A stable sort: of equal remainders the first line comes first.
    largest_first.sort_by_key(|(remainder, _)| std::cmp::Reverse(*remainder));
    let extra = usize::try_from(left).unwrap_or_default();
    for (_, part) in largest_first.into_iter().take(extra) {
        *part = part.saturating_add(1);
    }
    parts
}
