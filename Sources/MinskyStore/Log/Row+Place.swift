import MinskySQL

extension Row {
    /// A number of the log, or a sequence. It is one that a log gives out: one can count on from it without leaving 64 bits,
    /// whatever a hand has written there.
    /// - Throws: `StoreError` with code `.corrupt` for any other number; `SQLError`.
    func place(_ column: Int) throws -> Int64 {
        let number = try integer(column)
        guard (0..<1 << 62).contains(number) else {
            throw StoreError(
                .corrupt, "the log holds the number \(number), which no store gives out; it was written by hand")
        }
        return number
    }
}
