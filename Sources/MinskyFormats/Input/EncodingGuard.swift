/// Takes the byte order mark off a file before its reader sees it, and refuses UTF-16, which no reader would understand.
struct EncodingGuard: FormatReader {
    private var reader: any FormatReader
    private var start: [UInt8] = []
    private var state = State.starting

    private enum State { case starting, passing, refusing }

    init(_ reader: any FormatReader) { self.reader = reader }

    mutating func read(_ bytes: ArraySlice<UInt8>) -> [ReadingEvent] {
        switch state {
        case .passing: return reader.read(bytes)
        case .refusing: return []
        case .starting:
            start += bytes
            return start.count < 3 ? [] : begin()
        }
    }

    mutating func finish() -> [ReadingEvent] {
        let events = state == .starting ? begin() : []
        return state == .refusing ? events : events + reader.finish()
    }

    private mutating func begin() -> [ReadingEvent] {
        if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) {
            state = .refusing
            return [
                .skipped(Finding(line: 1, reason: "the file is UTF-16; save it as UTF-8, or convert it with iconv"))
            ]
        }
        state = .passing
        let bytes = start.starts(with: [0xEF, 0xBB, 0xBF]) ? start.dropFirst(3) : start[...]
        start = []
        return reader.read(bytes)
    }
}
