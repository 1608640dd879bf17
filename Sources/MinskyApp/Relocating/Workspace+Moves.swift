import MinskyModel
import MinskyStore

// The places between which the workspace was moved from this machine. What a row of a store says is followed only to these:
// whoever can write the row could otherwise have a password sent anywhere.

extension Workspace {
    /// Where they are written down.
    var relocationPath: String { path + "/relocation.json" }

    /// How many are remembered.
    private static let most = 50

    /// Writes down the two places of a move before it begins.
    /// - Throws: `AppError`.
    func noteMove(between places: [DatabasePlace]) throws {
        let all = try movedPlaces().filter { !places.contains($0) } + places
        let json = JSON.array(
            all.suffix(Self.most).map { ["url": .string($0.url), "schema": .optional($0.schema)] })
        try FileAccess.write(json.text() + "\n", to: relocationPath, mode: 0o600)
    }

    /// The places of all moves that were begun on this machine, those of the last one at the end.
    /// - Throws: `AppError`.
    func movedPlaces() throws -> [DatabasePlace] {
        guard let text = try FileAccess.text(at: relocationPath), let json = try? JSON(parsing: text) else { return [] }
        return (json.array ?? []).compactMap { noted in
            noted["url"]?.string.map { DatabasePlace(url: $0, schema: noted["schema"]?.string) }
        }
    }
}
