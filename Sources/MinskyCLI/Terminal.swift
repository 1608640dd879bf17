import CTerminal
import Foundation
import MinskyApp
import MinskyModel

/// What the standard streams are, and writing to them.
enum Terminal {
    /// Nothing that is printed shows a key, wherever it comes from.
    private static let redactor = Environment.live().redactor()

    /// Writes JSON and a line feed.
    static func write(_ json: JSON, _ layout: JSON.Layout, to descriptor: Int32) {
        write(redactor.redacted(json).text(layout) + "\n", to: descriptor, isJSON: true)
    }

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// The columns of standard output: those of the terminal, else of `COLUMNS`, else 80.
    static func width(_ variables: [String: String]) -> Int {
        var size = winsize()
        if ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        if let columns = variables["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
        return 80
    }

    /// Writes text whole. A reader that has gone away ends the program without a word, as its work is done.
    static func write(_ text: String, to descriptor: Int32, isJSON: Bool = false) {
        var text = redactor.redacted(text)
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if count < 0 {
                    if errno == EINTR || errno == EAGAIN { continue }
                    if errno == EPIPE { exit(0) }
                    if descriptor == 1 { endUntold(String(cString: strerror(errno)), isJSON) }
                    return
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    /// Ends the program when standard output is a full disk, say: what was asked for has been done, but cannot be told.
    private static func endUntold(_ reason: String, _ isJSON: Bool) -> Never {
        let failure = CommandFailure(
            .failed, "standard output cannot be written: \(reason)",
            hint: "The command was carried out; only its answer is lost. Look before you type it again.")
        write(isJSON ? failure.json.text(.compact) + "\n" : failure.text, to: 2)
        exit(failure.kind.exitCode)
    }
}
