//! A line of waiting jobs, served from either end, from which anyone may go.

use std::collections::VecDeque;

use super::Ns;

/// From which end of a line the next job is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Who came first.
    Oldest,
    /// Who came last.
    Newest,
}

/// Of a place's number, what names it among those who wait.
pub(super) const LOW_BITS: u32 = u32::MAX >> 2;

/// Jobs in the order in which they came. One that goes from the middle leaves its place, marked,
/// until it stands at an end: the places at both ends are taken, or there are none.
#[derive(Clone, Debug)]
pub(super) struct Line<J> {
    places: VecDeque<Place<J>>,
    /// The number of the next place.
    next: u32,
}

#[derive(Clone, Copy, Debug)]
struct Place<J> {
    arrived_at: Ns,
    /// Numbers rise along the line, modulo 2^30; they are not given twice, so that a place that was
    /// left at the new end is never mistaken for the one that follows it.
    number: u32,
    /// None: it has left.
    job: Option<J>,
}

impl<J: Copy> Line<J> {
    pub(super) fn new() -> Self {
        Line { places: VecDeque::new(), next: 0 }
    }

    /// The number of the place that is taken.
    #[inline]
    pub(super) fn push(&mut self, arrived_at: Ns, job: J) -> u32 {
        let number = self.next;
        self.next = (number + 1) & LOW_BITS;
        self.places.push_back(Place { arrived_at, number, job: Some(job) });
        number
    }

    /// Who stands at an end.
    #[inline]
    pub(super) fn at(&self, end: End) -> Option<(Ns, J)> {
        let place = match end {
            End::Oldest => self.places.front(),
            End::Newest => self.places.back(),
        };
        place.and_then(|place| Some((place.arrived_at, place.job?)))
    }

    /// Takes out who stands at an end.
    #[inline]
    pub(super) fn pop(&mut self, end: End) -> Option<(Ns, J)> {
        let place = match end {
            End::Oldest => self.places.pop_front(),
            End::Newest => self.places.pop_back(),
        }?;
        self.trim(end);
        Some((place.arrived_at, place.job?))
    }

    /// When the one who goes had come, if it still waited.
    #[inline]
    pub(super) fn abandon(&mut self, number: u32) -> Option<Ns> {
        let at = self.index(number)?;
        let place = &mut self.places[at];
        place.job.take()?;
        let arrived_at = place.arrived_at;
        self.trim(End::Oldest);
        self.trim(End::Newest);
        Some(arrived_at)
    }

    /// When each who waits had come.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Ns> {
        self.places.iter().filter(|place| place.job.is_some()).map(|place| place.arrived_at)
    }

    /// A guess at the job `n` places behind an end.
    #[inline]
    pub(super) fn ahead(&self, end: End, n: usize) -> Option<J> {
        let at = match end {
            End::Oldest => n,
            End::Newest => self.places.len().checked_sub(n + 1)?,
        };
        self.places.get(at)?.job
    }

    /// The index of a number: how far it is from the first one, but for places that were left at
    /// the new end.
    #[inline]
    fn index(&self, number: u32) -> Option<usize> {
        let first = self.places.front()?.number;
        let from_first = |number: u32| number.wrapping_sub(first) & LOW_BITS;
        let guess = from_first(number) as usize;
        if self.places.get(guess).is_some_and(|place| place.number == number) {
            return Some(guess);
        }
        self.places.binary_search_by_key(&from_first(number), |place| from_first(place.number)).ok()
    }

    #[inline]
    fn trim(&mut self, end: End) {
        match end {
            End::Oldest => {
                while self.places.front().is_some_and(|place| place.job.is_none()) {
                    self.places.pop_front();
                }
            }
            End::Newest => {
                while self.places.back().is_some_and(|place| place.job.is_none()) {
                    self.places.pop_back();
                }
            }
        }
    }
}
