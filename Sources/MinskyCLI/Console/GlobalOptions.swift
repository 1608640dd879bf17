import ArgumentParser

/// The options every command understands, before or after its name.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .customShort("C"), help: ArgumentHelp("Work as if this were the working directory.", valueName: "dir"))
    var directory: String?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print ids only.")
    var quiet = false

    @Flag(name: .long, help: "Print without colors.")
    var noColor = false
}
