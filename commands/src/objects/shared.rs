//! Values that many objects have in common (a namespace, an image, the labels of a ReplicaSet's pods), held once.

use std::{
    borrow::Borrow,
    collections::HashSet,
    fmt,
    hash::Hash,
    ops::Deref,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use serde::{Deserialize, Deserializer};

/// The values of one type that are held. Those that only the pool still holds go when it has doubled since it last looked.
pub struct Pool<T: ?Sized> {
    inner: LazyLock<Mutex<Inner<T>>>,
}

struct Inner<T: ?Sized> {
    values: HashSet<Arc<T>>,
    sweep_at: usize,
}

/// A pool smaller than this is not swept.
const SMALLEST_SWEEP: usize = 1024;

impl<T: ?Sized + Hash + Eq> Pool<T> {
    /// An empty pool.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            inner: LazyLock::new(|| {
                Mutex::new(Inner {
                    values: HashSet::new(),
                    sweep_at: SMALLEST_SWEEP,
                })
            }),
        }
    }

    fn share(&self, value: impl Borrow<T> + Into<Arc<T>>) -> Arc<T> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = inner.values.get(value.borrow()) {
            return Arc::clone(held);
        }
        if inner.values.len() >= inner.sweep_at {
            inner.values.retain(|held| Arc::strong_count(held) > 1);
            inner.values.shrink_to_fit();
            inner.sweep_at = (inner.values.len() * 2).max(SMALLEST_SWEEP);
        }
        let held: Arc<T> = value.into();
        inner.values.insert(Arc::clone(&held));
        held
    }
}

impl<T: ?Sized + Hash + Eq> Default for Pool<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// What can be shared: a type with a pool.
pub trait Pooled: Hash + Eq + 'static {
    /// Its pool.
    fn pool() -> &'static Pool<Self>;
}

impl Pooled for str {
    fn pool() -> &'static Pool<Self> {
        static POOL: Pool<str> = Pool::new();
        &POOL
    }
}

/// A value that is held once however many objects have it. Cloning it copies nothing.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shared<T: ?Sized>(Arc<T>);

/// A text that many objects have in common.
pub type SharedStr = Shared<str>;

impl<T: ?Sized + Pooled> Shared<T> {
    /// The shared value that is equal to this one.
    pub fn new(value: impl Borrow<T> + Into<Arc<T>>) -> Self {
        Self(T::pool().share(value))
    }
}

impl<T: ?Sized> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: ?Sized> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> AsRef<T> for Shared<T> {
    fn as_ref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> Borrow<T> for Shared<T> {
    fn borrow(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for SharedStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl Default for SharedStr {
    fn default() -> Self {
        Self::new("")
    }
}

impl<T> Default for Shared<[T]>
where
    [T]: Pooled,
{
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl From<&str> for SharedStr {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for SharedStr {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl PartialEq<str> for SharedStr {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for SharedStr {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl<'de> Deserialize<'de> for SharedStr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = SharedStr;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E>(self, text: &str) -> Result<SharedStr, E> {
                Ok(SharedStr::new(text))
            }

            fn visit_unit<E>(self) -> Result<SharedStr, E> {
                Ok(SharedStr::default())
            }
        }
        deserializer.deserialize_str(Text)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Shared<[T]>
where
    [T]: Pooled,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<Vec<T>>::deserialize(deserializer).map(|list| Self::new(list.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_one() {
        let (one, two) = (SharedStr::new("ceoagent"), SharedStr::from("ceoagent".to_owned()));
        assert!(Arc::ptr_eq(&one.0, &two.0));
        assert_ne!(one, SharedStr::new("other"));
    }

    #[test]
    fn what_nobody_holds_any_more_goes() {
        let pool: Pool<str> = Pool::new();
        let held = pool.share("held");
        for n in 0..10 * SMALLEST_SWEEP {
            drop(pool.share(n.to_string()));
        }
        let inner = pool.inner.lock().unwrap();
        assert!(inner.values.len() <= SMALLEST_SWEEP, "{}", inner.values.len());
        assert!(Arc::ptr_eq(inner.values.get("held").unwrap(), &held));
    }
}
