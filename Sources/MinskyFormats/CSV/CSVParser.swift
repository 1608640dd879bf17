/// Cuts bytes into rows of cells as RFC 4180 has them: cells in quotation marks may hold separators, line ends and doubled
/// quotation marks.
///
/// More is understood than is allowed: lines may end with a line feed alone, and a quotation mark in the middle of a cell
/// stands for itself.
struct CSVParser: Sendable {
    /// One row; `cells` is nil when it was longer than `LineSplitter.maximumLength`.
    struct Row {
        var line: Int
        var cells: [[UInt8]]?
    }

    private enum State { case start, plain, quoted, quoteInQuoted }

    private let separator: UInt8
    private var state = State.start
    private var cells: [[UInt8]] = []
    private var cell: [UInt8] = []
    private var length = 0
    private var line = 1
    private var firstLine = 1

    init(separator: UInt8) { self.separator = separator }

    mutating func rows(_ bytes: ArraySlice<UInt8>) -> [Row] {
        var rows: [Row] = []
        for byte in bytes {
            read(byte, &rows)
            if byte == 0x0A { line += 1 }
        }
        return rows
    }

    /// The last row, when no line end follows it, and whether a quotation mark in it is never closed.
    mutating func finish() -> (row: Row?, isOpen: Bool) {
        let isOpen = state == .quoted
        guard state != .start || !cells.isEmpty || length > 0 else { return (nil, false) }
        var rows: [Row] = []
        endRow(&rows)
        return (rows.first, isOpen)
    }

    private mutating func read(_ byte: UInt8, _ rows: inout [Row]) {
        if state == .quoted {
            if byte == UInt8(ascii: "\"") { state = .quoteInQuoted } else { keep(byte) }
            return
        }
        switch byte {
        case 0x0A: endRow(&rows)
        case separator: endCell()
        case UInt8(ascii: "\"") where state == .start: state = .quoted
        case UInt8(ascii: "\"") where state == .quoteInQuoted:
            keep(byte)
            state = .quoted
        case 0x0D where state == .quoteInQuoted: break
        default:
            keep(byte)
            state = .plain
        }
    }

    private mutating func keep(_ byte: UInt8) {
        length += 1
        if length <= LineSplitter.maximumLength { cell.append(byte) }
    }

    private mutating func endCell() {
        length += 1
        if length <= LineSplitter.maximumLength { cells.append(cell) }
        cell = []
        state = .start
    }

    private mutating func endRow(_ rows: inout [Row]) {
        if state == .plain, cell.last == 0x0D { cell.removeLast() }
        let isTooLong = length > LineSplitter.maximumLength
        endCell()
        rows.append(Row(line: firstLine, cells: isTooLong ? nil : cells))
        cells = []
        length = 0
        firstLine = line + 1
    }
}
