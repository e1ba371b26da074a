//! The authenticator room.
