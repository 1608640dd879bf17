import ArgumentParser
import MinskyModel

/// How a long command tells what it is doing.
struct ProgressOptions: ParsableArguments {
    /// A form of progress.
    enum Form: String, ExpressibleByArgument, CaseIterable {
        /// Lines for people, where they watch.
        case auto
        /// One JSON object a line.
        case json
    }

    @Option(help: ArgumentHelp("Tell progress on standard error as one JSON object a line.", valueName: "json"))
    var progress: Form = .auto
}

/// Consent given beforehand.
struct AssentOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Ask nothing, which holds without it as well; for scripts.")
    var yes = false
}

extension Console {
    /// Tells that a step has come to some rows of a table.
    func step(_ name: String, _ table: String, _ rows: Int, _ options: ProgressOptions) {
        switch options.progress {
        case .auto: progress("\(name) \(table)\(rows == 0 ? "" : ": \(rows) rows")")
        case .json: report(["step": .string(name), "table": .string(table), "rows": .integer(Int64(rows))])
        }
    }
}
