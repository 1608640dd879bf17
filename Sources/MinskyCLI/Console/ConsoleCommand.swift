import ArgumentParser

/// A command that can be carried out.
protocol ConsoleCommand: AsyncParsableCommand {
    var global: GlobalOptions { get }

    /// Carries the command out.
    func run(on console: Console) async throws
}
