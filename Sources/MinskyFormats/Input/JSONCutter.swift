import MinskyModel

/// Cuts the values out of a JSON document that arrives in pieces, without holding more than one of them.
///
/// A caller says which lists and objects to go into; every other value is cut out whole, with its path and line. Several
/// values one after the other are read like the elements of a list, with commas between them or without. What is broken ends
/// with its line: reading goes on at the next line that begins an object no deeper than the broken value began.
struct JSONCutter: Sendable {
    /// A value that was cut out, or what kept it from being one.
    struct Cut {
        /// The keys that lead to it; nil stands for an element of a list.
        var path: [String?]
        var line: Int
        var content: Result<[UInt8], Fault>
    }

    /// What is broken about the document.
    struct Fault: Error {
        var reason: String
        /// Whether a value was lost; otherwise something around the values is broken.
        var isOfValue: Bool
    }

    private static let maximumDepth = 300

    private enum Expectation { case value, valueOrEnd, key, keyOrEnd, colon, commaOrEnd }

    private struct Frame {
        var isList: Bool
        var expects: Expectation
        var key: String?
    }

    private enum Token { case none, text, escape, word }

    private let descends: @Sendable (_ path: [String?], _ isList: Bool) -> Bool
    private var frames: [Frame] = []
    private var token = Token.none
    private var keyBytes: [UInt8] = []
    private var isKey = false

    /// The value being cut out: how many frames are around it, where it began, and its bytes so far.
    private var cut: (depth: Int, line: Int, column: Int, indent: Int)?
    private var buffer: [UInt8] = []

    private var line = 1
    private var column = 0
    /// The column of the first character on the line that is no space.
    private var indent = 0
    private var isAtLineStart = true
    /// When set, everything is passed over up to a line on which, at this column or before it, something can begin or end.
    private var recoveryColumn: Int?
    private var isPassingLine = false

    init(descends: @escaping @Sendable (_ path: [String?], _ isList: Bool) -> Bool) { self.descends = descends }

    mutating func read(_ bytes: ArraySlice<UInt8>) -> [Cut] {
        var cuts: [Cut] = []
        for byte in bytes { read(byte, &cuts) }
        return cuts
    }

    mutating func finish() -> [Cut] {
        var cuts: [Cut] = []
        if token == .word { endWord(&cuts) }
        if cut != nil {
            fail("the file ends within it", 0x0A, &cuts)
        } else if !frames.isEmpty {
            cuts.append(
                Cut(
                    path: path, line: line,
                    content: .failure(Fault(reason: "the file ends before its lists do", isOfValue: false))))
        }
        return cuts
    }

    private var path: [String?] { frames.map { $0.isList ? nil : $0.key } }

    private mutating func read(_ byte: UInt8, _ cuts: inout [Cut]) {
        defer { advance(byte) }
        if recoveryColumn != nil, !isRecovered(byte) { return }
        if token == .word {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"): endWord(&cuts)
            default: return keep(byte, &cuts)
            }
        }
        switch token {
        case .text: readText(byte, &cuts)
        case .escape:
            token = .text
            keep(byte, &cuts)
        case .none, .word: readStructure(byte, &cuts)
        }
    }

    private mutating func advance(_ byte: UInt8) {
        if byte == 0x0A {
            line += 1
            column = 0
            isAtLineStart = true
            isPassingLine = false
        } else {
            if isAtLineStart, byte != 0x20, byte != 0x09, byte != 0x0D {
                indent = column
                isAtLineStart = false
            }
            column += 1
        }
    }

    /// Whether reading goes on with this byte after something broken.
    private mutating func isRecovered(_ byte: UInt8) -> Bool {
        guard let limit = recoveryColumn, isAtLineStart, !isPassingLine, column <= limit else { return false }
        if let frame = frames.last, !frame.isList {
            guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "}") && column < limit else { return false }
            frames[frames.count - 1].expects = .keyOrEnd
        } else {
            guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "]") && !frames.isEmpty else { return false }
            if !frames.isEmpty { frames[frames.count - 1].expects = .valueOrEnd }
        }
        recoveryColumn = nil
        return true
    }

    private mutating func readText(_ byte: UInt8, _ cuts: inout [Cut]) {
        switch byte {
        case 0x0A: return fail("a text does not end on its line", byte, &cuts)
        case UInt8(ascii: "\\"): token = .escape
        case UInt8(ascii: "\""):
            keep(byte, &cuts)
            token = .none
            if isKey {
                isKey = false
                frames[frames.count - 1].expects = .colon
                if cut == nil {
                    let text = (try? LenientJSON.parse([UInt8(ascii: "\"")] + keyBytes))?.json.string
                    frames[frames.count - 1].key = text ?? String(decoding: keyBytes.dropLast(), as: UTF8.self)
                }
            } else {
                endValue(&cuts)
            }
            return
        default: break
        }
        keep(byte, &cuts)
    }

    private mutating func readStructure(_ byte: UInt8, _ cuts: inout [Cut]) {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D: keep(byte, &cuts)
        case UInt8(ascii: ","):
            guard let frame = frames.last else { return }
            guard frame.expects == .commaOrEnd else { return fail("a comma is out of place", byte, &cuts) }
            frames[frames.count - 1].expects = frame.isList ? .value : .key
            keep(byte, &cuts)
        case UInt8(ascii: ":"):
            guard frames.last?.expects == .colon else { return fail("a colon is out of place", byte, &cuts) }
            frames[frames.count - 1].expects = .value
            keep(byte, &cuts)
        case UInt8(ascii: "}"), UInt8(ascii: "]"): endContainer(byte, &cuts)
        case UInt8(ascii: "\"") where frames.last?.expects == .key || frames.last?.expects == .keyOrEnd:
            isKey = true
            keyBytes = []
            token = .text
            if cut != nil { keep(byte, &cuts) }
        default: beginValue(byte, &cuts)
        }
    }

    private mutating func beginValue(_ byte: UInt8, _ cuts: inout [Cut]) {
        switch frames.last?.expects {
        case nil, .value, .valueOrEnd: break
        // Between the values of a list or file that is gone into, a comma may be missing.
        case .commaOrEnd where cut == nil && frames.last?.isList == true: break
        default: return fail("a comma, a bracket or a quotation mark is missing", byte, &cuts)
        }
        let isList = byte == UInt8(ascii: "[")
        let isContainer = isList || byte == UInt8(ascii: "{")
        if cut == nil {
            if isContainer, descends(path, isList) {
                frames.append(Frame(isList: isList, expects: isList ? .valueOrEnd : .keyOrEnd))
                return
            }
            cut = (frames.count, line, column, isAtLineStart ? column : indent)
            buffer = []
        }
        keep(byte, &cuts)
        if isContainer {
            guard frames.count < Self.maximumDepth else { return fail("it is nested too deeply", byte, &cuts) }
            frames.append(Frame(isList: isList, expects: isList ? .valueOrEnd : .keyOrEnd))
        } else {
            token = byte == UInt8(ascii: "\"") ? .text : .word
        }
    }

    private mutating func endContainer(_ byte: UInt8, _ cuts: inout [Cut]) {
        guard let frame = frames.last, frame.isList == (byte == UInt8(ascii: "]")) else {
            return fail("a bracket is closed that was not opened", byte, &cuts)
        }
        switch frame.expects {
        case .valueOrEnd, .keyOrEnd, .commaOrEnd: break
        // After a comma, in what is gone into.
        case .value where frame.isList && cut == nil, .key where cut == nil: break
        default: return fail("a value is missing", byte, &cuts)
        }
        frames.removeLast()
        keep(byte, &cuts)
        endValue(&cuts)
    }

    private mutating func endWord(_ cuts: inout [Cut]) {
        token = .none
        endValue(&cuts)
    }

    private mutating func endValue(_ cuts: inout [Cut]) {
        if let cut, cut.depth == frames.count {
            cuts.append(Cut(path: path, line: cut.line, content: .success(buffer)))
            self.cut = nil
            buffer = []
        }
        if !frames.isEmpty { frames[frames.count - 1].expects = .commaOrEnd }
    }

    private mutating func keep(_ byte: UInt8, _ cuts: inout [Cut]) {
        if cut == nil {
            guard isKey else { return }
            keyBytes.append(byte)
            if keyBytes.count > 10_000 { fail("a key is too long", byte, &cuts) }
            return
        }
        buffer.append(byte)
        if buffer.count > LineSplitter.maximumLength {
            fail("it is longer than \(LineSplitter.maximumLength >> 20) MiB", byte, &cuts)
        }
    }

    /// Gives up the value at hand and passes over what follows, up to where the next one can begin.
    private mutating func fail(_ reason: String, _ byte: UInt8, _ cuts: inout [Cut]) {
        token = .none
        isKey = false
        buffer = []
        if let cut {
            frames.removeLast(frames.count - cut.depth)
            cuts.append(Cut(path: path, line: cut.line, content: .failure(Fault(reason: reason, isOfValue: true))))
            recoveryColumn = frames.last?.isList == false ? cut.indent : cut.column
        } else {
            cuts.append(Cut(path: path, line: line, content: .failure(Fault(reason: reason, isOfValue: false))))
            recoveryColumn = .max
        }
        cut = nil
        let isFirst = isAtLineStart
        isPassingLine = !isFirst && byte != 0x0A
        if isFirst, isRecovered(byte) { readStructure(byte, &cuts) }
    }
}
