/// Cuts a stream of bytes into the data of server-sent events (WHATWG HTML, "Server-sent events"); fields other than
/// `data` are passed over.
struct ServerSentEvents {
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var lastWasCarriageReturn = false

    /// Takes the next bytes and returns the data of every event they complete.
    mutating func take(_ bytes: some Sequence<UInt8>) -> [[UInt8]] {
        var events: [[UInt8]] = []
        for byte in bytes {
            defer { lastWasCarriageReturn = byte == UInt8(ascii: "\r") }
            switch byte {
            case UInt8(ascii: "\n") where lastWasCarriageReturn: continue
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): endLine(&events)
            default: line.append(byte)
            }
        }
        return events
    }

    /// The data of an event that the stream's end cut short of its empty line, as some servers do.
    mutating func finish() -> [[UInt8]] {
        var events: [[UInt8]] = []
        if !line.isEmpty { endLine(&events) }
        endLine(&events)
        return events
    }

    private mutating func endLine(_ events: inout [[UInt8]]) {
        defer { line.removeAll(keepingCapacity: true) }
        if line.isEmpty {
            if hasData { events.append(data) }
            data.removeAll(keepingCapacity: true)
            hasData = false
            return
        }
        let field = Array("data:".utf8)
        guard line.starts(with: field) else { return }
        if hasData { data.append(UInt8(ascii: "\n")) }
        hasData = true
        let value = line.dropFirst(field.count)
        data.append(contentsOf: value.first == UInt8(ascii: " ") ? value.dropFirst() : value)
    }
}
