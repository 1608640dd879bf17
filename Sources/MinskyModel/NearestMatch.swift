/// Finds what a person meant by a misspelt word.
public enum NearestMatch {
    /// The longest word that is compared, in bytes: the time grows with its length times that of each candidate.
    private static let longestWord = 200

    /// The candidate nearest to a word, or nil when none is near: at most a third of its letters may differ, or it is the
    /// only one of which a part begins with the word.
    public static func of(_ word: String, among candidates: [String]) -> String? {
        guard word.utf8.count <= longestWord else { return nil }
        let lower = word.lowercased()
        let ranked = candidates.map { ($0, distance(lower, $0.lowercased())) }.min { $0.1 < $1.1 }
        if let (candidate, distance) = ranked, distance <= max(1, candidate.count / 3) { return candidate }
        let longer = candidates.filter { candidate in
            candidate.lowercased().split { "-.".contains($0) }.contains { $0.hasPrefix(lower) }
        }
        return lower.count > 1 && longer.count == 1 ? longer[0] : nil
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other (Damerau's and
    /// Levenshtein's distance, restricted).
    static func distance(_ left: String, _ right: String) -> Int {
        let (a, b) = (Array(left), Array(right))
        var rows = [Array(0...b.count)]
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
