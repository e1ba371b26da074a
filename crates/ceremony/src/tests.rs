//! Whole ceremonies, forged piece by piece so that each rule can be broken alone.

mod assertion;
mod bounds;
mod corners;
mod registration;
mod statements;
mod table;
mod workbench;
