import MinskyModel

/// Where output goes: to the streams of the process, or to a test that reads it.
struct Streams: Sendable {
    /// Writes a text to a descriptor.
    let write: @Sendable (String, Int32) -> Void
    /// Writes JSON and a line feed to a descriptor.
    let writeJSON: @Sendable (JSON, JSON.Layout, Int32) -> Void
    /// Whether a descriptor is a terminal.
    let isTerminal: @Sendable (Int32) -> Bool
    /// The columns of standard output, given the variables.
    let width: @Sendable ([String: String]) -> Int

    /// Those of this process.
    static let standard = Streams(
        write: { Terminal.write($0, to: $1) }, writeJSON: { Terminal.write($0, $1, to: $2) },
        isTerminal: { Terminal.isTerminal($0) },
        width: { Terminal.width($0) })
}
