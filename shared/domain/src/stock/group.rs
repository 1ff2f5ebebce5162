//! Group commit, the pure part: which orders of a batch go into one transaction.
//!
//! Orders that share a stock line belong together (one summed update of that line serves them
//! all); orders that share nothing never share a transaction.

use std::collections::BTreeMap;

/// Actions of one transaction (the table's published limit).
pub const TRANSACTION_ACTIONS_MAX: usize = 100;
/// Actions a single order may need for one step; beyond it the work goes in pages.
pub const ORDER_ACTIONS_MAX: usize = 90;

/// What an order would write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// The rows it shares with others: stock lines, anchors.
    pub shared: Vec<String>,
    /// How many rows are its own: header, pages, waits.
    pub own: usize,
}

/// Puts members into components, each cut into transactions; members by their index, in order of
/// arrival. Pieces of one component share rows: a later one can only follow the one before.
#[must_use]
pub fn components(members: &[Member], actions_max: usize) -> Vec<Vec<Vec<usize>>> {
    let mut parent: Vec<usize> = (0..members.len()).collect();
    let mut owner: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, member) in members.iter().enumerate() {
        for row in &member.shared {
            match owner.get(row.as_str()) {
                Some(other) => join(&mut parent, *other, index),
                None => {
                    owner.insert(row, index);
                }
            }
        }
    }
    let mut components: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..members.len() {
        components.entry(root(&parent, index)).or_default().push(index);
    }
    components.into_values().map(|component| cut(members, component, actions_max)).collect()
}

/// Cuts a component into transactions of at most `actions_max` actions, in order of arrival.
fn cut(members: &[Member], component: Vec<usize>, actions_max: usize) -> Vec<Vec<usize>> {
    let mut pieces = Vec::new();
    let mut piece: Vec<usize> = Vec::new();
    let mut rows: BTreeMap<&str, ()> = BTreeMap::new();
    let mut own: usize = 0;
    for index in component {
        let Some(member) = members.get(index) else { continue };
        let fresh = member.shared.iter().filter(|row| !rows.contains_key(row.as_str())).count();
        let total = own.saturating_add(member.own).saturating_add(rows.len()).saturating_add(fresh);
        if total > actions_max && !piece.is_empty() {
            pieces.push(std::mem::take(&mut piece));
            rows.clear();
            own = 0;
        }
        own = own.saturating_add(member.own);
        rows.extend(member.shared.iter().map(|row| (row.as_str(), ())));
        piece.push(index);
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

fn root(parent: &[usize], index: usize) -> usize {
    let mut at = index;
    while let Some(up) = parent.get(at).copied() {
        if up == at {
            break;
        }
        at = up;
    }
    at
}

fn join(parent: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parent, a), root(parent, b));
    let (low, high) = (a.min(b), a.max(b));
    if let Some(slot) = parent.get_mut(high) {
        *slot = low;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(shared: &[&str], own: usize) -> Member {
        Member { shared: shared.iter().map(|s| (*s).to_owned()).collect(), own }
    }

    #[test]
    fn orders_that_share_nothing_never_share_a_transaction() {
        let all = [member(&["A"], 1), member(&["B"], 1), member(&["A", "C"], 1), member(&["C"], 1)];
        assert_eq!(components(&all, 100), vec![vec![vec![0, 2, 3]], vec![vec![1]]]);
    }

    #[test]
    fn a_group_is_cut_at_the_limit_in_order_of_arrival() {
        let all: Vec<Member> = (0..5).map(|_| member(&["A"], 2)).collect();
        assert_eq!(components(&all, 5), vec![vec![vec![0, 1], vec![2, 3], vec![4]]]);
    }

    #[test]
    fn an_order_larger_than_the_limit_goes_alone() {
        let all = [member(&["A"], 50), member(&["A"], 1)];
        assert_eq!(components(&all, 10), vec![vec![vec![0], vec![1]]]);
    }
}
