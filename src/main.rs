//! Starts Wardroom.

use clap::Parser;

fn main() -> std::process::ExitCode {
    // Two TLS providers are in the graph; without a choice the first connection panics.
    rustls::crypto::ring::default_provider().install_default().expect("nothing has chosen a TLS provider before");
    let cli = wardroom::cli::Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads can be started");
    match runtime.block_on(wardroom::cli::run(cli)) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wardroom: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
