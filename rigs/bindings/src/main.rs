//! The generator of UniFFI's bindings. Everything it does is UniFFI's own.

fn main() {
    uniffi::uniffi_bindgen_main();
}
