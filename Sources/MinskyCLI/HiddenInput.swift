import CTerminal
import Foundation
import MinskyModel

/// Reading a key from standard input: from a terminal without showing it, or whatever a program writes there.
enum HiddenInput {
    /// The most bytes of a key.
    private static let limit = 16 << 10

    /// Reads a line from a terminal, or everything from a file or a pipe, without the white space around it.
    /// - Throws: `CommandFailure` when there is nothing, or something that is no text.
    static func read(_ name: String) throws -> String {
        if Terminal.isTerminal(0) {
            Terminal.write("\(name): ", to: 2)
            _ = minsky_hide_input()
        }
        defer { minsky_show_input() }
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        // A terminal goes on after a line; what a pipe holds ends by itself.
        while bytes.count <= limit {
            let count = Foundation.read(0, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1, byte != UInt8(ascii: "\n") || !Terminal.isTerminal(0) else { break }
            bytes.append(byte)
        }
        guard bytes.count <= limit, let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(.usage, "what stands on standard input is no key")
        }
        let key = text.trimmingSpace
        guard !key.isEmpty else {
            throw CommandFailure(
                .usage, "there is no \(name) on standard input", hint: "minsky config unset \(name) removes it.")
        }
        return key
    }
}
