import Foundation
import MinskyModel

extension Environment {
    /// The name of the local zone in the IANA time zone database: what `TZ` names, else what `/etc/localtime` leads to, else
    /// UTC. Nil when the zone has no name there.
    ///
    /// The C library, which tells the local time, may understand the same words in another way, or have read a file whose name
    /// nobody knows: a name counts only when the zone of that name shows the same time in January and in July.
    var zoneName: String? {
        let name = variables["TZ"].map { $0.hasPrefix(":") ? String($0.dropFirst()) : $0 }
        let path = name ?? (try? FileManager.default.destinationOfSymbolicLink(atPath: "/etc/localtime")) ?? ""
        let zone = path.firstRange(of: "zoneinfo/").map { String(path[$0.upperBound...]) } ?? path
        let known = zone.isEmpty ? "UTC" : zone
        guard let offset = utcOffset(ofZone: known) else { return nil }
        let year = now().day.civil.year
        let isTheSame = [1, 7].compactMap { CalendarDay(year: year, month: $0, day: 1) }.allSatisfy { day in
            let noon = Timestamp(day: day, second: 43_200)
            return offset(noon) == utcOffset(noon)
        }
        return isTheSame ? known : nil
    }

    /// The name of the local zone, which a series has to have.
    /// - Throws: `AppError` with code `.configuration` when it has none.
    func requiredZoneName() throws -> String {
        guard let zoneName else {
            throw AppError(
                .configuration,
                "the local zone is none of the time zone database, and what comes again needs one of these",
                hint: "Set TZ to a zone such as Europe/Berlin or UTC.")
        }
        return zoneName
    }

    /// The seconds east of UTC of a zone at a moment, or nil when the zone is not known.
    func utcOffset(ofZone name: String) -> ((Timestamp) -> Int)? {
        guard let zone = TimeZone(identifier: name) else { return nil }
        return { moment in
            zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.microseconds) / 1_000_000))
        }
    }
}
