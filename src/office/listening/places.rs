//! The places of a listener: how many connections it holds, whose they are, and which one makes room for the next.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Limits of one listener, in connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceLimits {
    /// Of all strangers together
    pub strangers: usize,
    /// Of strangers from one network (an IPv4 address, an IPv6 /64)
    pub of_network: usize,
    /// Reserved for owners
    pub owned: usize,
    /// Of one owner
    pub of_owner: usize,
}

/// A caller that a route has recognised by something that only they have: a kiosk's key, a person's session.
pub type Owner = [u8; 16];

/// State of a connection. Of two, the lesser makes room first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doing {
    /// Nothing: silent, in its handshake, in a head, or between two requests
    Waiting,
    /// It sends the body of a request
    Sending,
    /// It has sent its request, and is answered
    Answering,
}

/// Connections in the order in which they make room: by what they do, since which turn, and their own number.
type Group = BTreeSet<(Doing, u64, u64)>;

/// The places of one listener.
pub struct Places {
    limits: PlaceLimits,
    // A std mutex: it is held for a few look-ups, never across an await.
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    turns: u64,
    open: HashMap<u64, Connection>,
    strangers: Group,
    networks: HashMap<String, Group>,
    /// How many connections each network has, the most at the end
    sizes: BTreeSet<(usize, String)>,
    owners: HashMap<Owner, Group>,
    owned: usize,
}

struct Connection {
    network: Option<String>,
    owner: Option<Owner>,
    doing: Doing,
    since: u64,
    lost: Arc<Notify>,
}

/// The place of one connection, free again when the last copy is dropped. An extension of each request.
#[derive(Clone)]
pub struct Place(Arc<Held>);

struct Held {
    places: Arc<Places>,
    number: u64,
    lost: Arc<Notify>,
    has_asked: AtomicBool,
}

impl Places {
    pub fn new(limits: PlaceLimits) -> Self {
        Self { limits, table: Mutex::default() }
    }

    /// Takes a place for a stranger. Without a free one, a stranger loses its place: the one that has been idle for longest of
    /// the network that has most, so that somebody with one connection keeps it whatever others do; where each has but one,
    /// the one that has been idle for longest of all. `None` when the network has all of its places, and each is being answered: then the newcomer is let go, unheard.
    pub fn take(self: &Arc<Self>, network: Option<String>) -> Option<Place> {
        let mut table = self.lock();
        if let Some(group) = network.as_ref().and_then(|network| table.networks.get(network))
            && group.len() >= self.limits.of_network
        {
            let idle = group.first().filter(|(doing, ..)| *doing < Doing::Answering).map(|(.., number)| *number)?;
            table.end(idle);
        }
        while table.strangers.len() >= self.limits.strangers {
            let Some(number) = table.makes_room() else { break };
            table.end(number);
        }
        let number = table.turn();
        let lost = Arc::new(Notify::new());
        let connection = Connection { network, owner: None, doing: Doing::Waiting, since: number, lost: lost.clone() };
        table.enter(number, connection);
        drop(table);
        Some(Place(Arc::new(Held { places: self.clone(), number, lost, has_asked: AtomicBool::new(false) })))
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // Nothing in here can panic between two changes that belong together.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many connections hold a place.
    #[cfg(test)]
    fn count(&self) -> usize {
        self.lock().open.len()
    }
}

impl Table {
    fn turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    fn enter(&mut self, number: u64, connection: Connection) {
        let place = (connection.doing, connection.since, number);
        match connection.owner {
            Some(owner) => {
                self.owners.entry(owner).or_default().insert(place);
                self.owned += 1;
            }
            None => {
                self.strangers.insert(place);
                if let Some(network) = &connection.network {
                    let group = self.networks.entry(network.clone()).or_default();
                    self.sizes.remove(&(group.len(), network.clone()));
                    group.insert(place);
                    self.sizes.insert((group.len(), network.clone()));
                }
            }
        }
        self.open.insert(number, connection);
    }

    fn leave(&mut self, number: u64) -> Option<Connection> {
        let connection = self.open.remove(&number)?;
        let place = (connection.doing, connection.since, number);
        match connection.owner {
            Some(owner) => {
                self.owned -= 1;
                leave_group(&mut self.owners, &owner, &place);
            }
            None => {
                self.strangers.remove(&place);
                if let Some(network) = &connection.network {
                    let size = leave_group(&mut self.networks, network, &place);
                    self.sizes.remove(&(size + 1, network.clone()));
                    if size > 0 {
                        self.sizes.insert((size, network.clone()));
                    }
                }
            }
        }
        Some(connection)
    }

    /// Which stranger loses its place to the next.
    fn makes_room(&self) -> Option<u64> {
        let busiest = self.sizes.last().filter(|(size, _)| *size > 1);
        let of_busiest = busiest.and_then(|(_, network)| self.networks.get(network)?.first());
        let (.., number) = of_busiest.filter(|(doing, ..)| *doing < Doing::Answering).or(self.strangers.first())?;
        Some(*number)
    }

    fn end(&mut self, number: u64) {
        if let Some(connection) = self.leave(number) {
            connection.lost.notify_one();
        }
    }
}

/// Takes a connection out of its group; how many are left in it.
fn leave_group<Key: Eq + std::hash::Hash>(
    groups: &mut HashMap<Key, Group>,
    key: &Key,
    place: &(Doing, u64, u64),
) -> usize {
    let Some(group) = groups.get_mut(key) else { return 0 };
    group.remove(place);
    let left = group.len();
    if left == 0 {
        groups.remove(key);
    }
    left
}

impl Place {
    /// Notes whose connection this is: it goes over to the reserved places. An owner with too many loses the one that has
    /// been idle for longest. Where no reserved place is free, the connection stays among the strangers.
    pub fn belongs_to(&self, owner: Owner) {
        let Held { places, number, .. } = &*self.0;
        let mut table = places.lock();
        match table.open.get(number) {
            Some(connection) if connection.owner != Some(owner) => {}
            _ => return,
        }
        if let Some(group) = table.owners.get(&owner)
            && group.len() >= places.limits.of_owner
        {
            if let Some((.., idle)) = group.first().copied() {
                table.end(idle);
            }
        } else if table.owned >= places.limits.owned {
            return;
        }
        if let Some(mut connection) = table.leave(*number) {
            connection.owner = Some(owner);
            table.enter(*number, connection);
        }
    }

    /// Notes what the connection does from now on.
    pub fn does(&self, doing: Doing) {
        let Held { places, number, has_asked, .. } = &*self.0;
        has_asked.store(true, Ordering::Relaxed);
        let mut table = places.lock();
        let since = table.turn();
        if let Some(connection) = table.leave(*number) {
            table.enter(*number, Connection { doing, since, ..connection });
        }
    }

    /// Whether a request has begun on this connection.
    pub fn has_asked(&self) -> bool {
        self.0.has_asked.load(Ordering::Relaxed)
    }

    /// Waits until the place goes to another connection.
    pub async fn lost(&self) {
        self.0.lost.notified().await;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.places.lock().leave(self.number);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::futures::Notified;

    use super::*;

    const LIMITS: PlaceLimits = PlaceLimits { strangers: 6, of_network: 3, owned: 4, of_owner: 2 };

    fn places() -> Arc<Places> {
        Arc::new(Places::new(LIMITS))
    }

    fn take(places: &Arc<Places>, network: &str) -> Option<Place> {
        places.take(Some(network.to_owned()))
    }

    /// Whether a place has gone to another.
    fn is_lost(place: &Place) -> bool {
        let lost: Notified<'_> = place.0.lost.notified();
        let mut lost = std::pin::pin!(lost);
        lost.as_mut().enable()
    }

    #[test]
    fn the_longest_idle_stranger_makes_room() {
        let places = places();
        let held: Vec<Place> = (0..6).map(|network| take(&places, &network.to_string()).unwrap()).collect();
        held[0].does(Doing::Answering);
        held[1].does(Doing::Sending);
        let more: Vec<Place> = (6..11).map(|network| take(&places, &network.to_string()).unwrap()).collect();
        let lost: Vec<bool> = held.iter().map(is_lost).collect();
        assert_eq!(lost, [false, false, true, true, true, true]);
        assert!(is_lost(&more[0]), "the silent ones give way to each other before anybody who speaks");
        for place in &more[1..] {
            place.does(Doing::Answering);
        }
        take(&places, "sends next").unwrap();
        assert!(is_lost(&held[1]) && !is_lost(&held[0]));
        assert!(places.count() <= LIMITS.strangers);
        drop((held, more));
        assert_eq!(places.count(), 0);
        let table = places.lock();
        assert!(table.networks.is_empty() && table.sizes.is_empty() && table.strangers.is_empty());
    }

    #[test]
    fn who_has_one_connection_keeps_it_beside_those_who_have_many() {
        let places = places();
        let one = take(&places, "one").unwrap();
        let held: Vec<Place> = (0..60).map(|turn| take(&places, ["a", "b", "c"][turn % 3]).unwrap()).collect();
        assert!(!is_lost(&one), "the oldest of all, and idle");
        assert_eq!(held.iter().filter(|place| !is_lost(place)).count(), LIMITS.strangers - 1);
    }

    #[test]
    fn one_network_only_pushes_out_itself() {
        let places = places();
        let other = take(&places, "other").unwrap();
        let own: Vec<Place> = (0..100).map(|_| take(&places, "busy").unwrap()).collect();
        assert!(!is_lost(&other));
        assert_eq!(own.iter().filter(|place| !is_lost(place)).count(), LIMITS.of_network);
        for place in own.iter().rev().take(LIMITS.of_network) {
            place.does(Doing::Answering);
        }
        assert!(take(&places, "busy").is_none(), "who is being answered isn't pushed out by neighbours");
        assert!(places.take(None).is_some(), "a proxy's connections aren't counted by its address");
    }

    #[test]
    fn owners_keep_their_places_whatever_strangers_do() {
        let places = places();
        let kiosks: Vec<Place> = (0..2).map(|_| take(&places, "kiosk").unwrap()).collect();
        for kiosk in &kiosks {
            kiosk.belongs_to([1; 16]);
        }
        let strangers: Vec<Place> = (0..50).map(|network| take(&places, &network.to_string()).unwrap()).collect();
        assert!(!kiosks.iter().any(is_lost));
        // A third connection of the same kiosk ends the one that was idle for longest: it may be dead.
        kiosks[0].does(Doing::Answering);
        let third = take(&places, "kiosk").unwrap();
        third.belongs_to([1; 16]);
        assert!(is_lost(&kiosks[1]) && !is_lost(&kiosks[0]) && !is_lost(&third));
        // Reserved places have an end, too: beyond it an owner is one among strangers.
        for (owner, stranger) in (10..).zip(strangers.iter().rev().take(5)) {
            stranger.belongs_to([owner; 16]);
        }
        assert_eq!(places.lock().owned, LIMITS.owned);
        drop((kiosks, strangers, third));
        assert_eq!((places.count(), places.lock().owned), (0, 0));
        assert!(places.lock().owners.is_empty());
    }
}
