//! The `keyward` binary: everything is in the library.

fn main() -> std::process::ExitCode {
    keyward::cli::main()
}
