import Foundation
import MinskyModel

extension Environment {
    /// The name of the local zone in the IANA time zone database: what `TZ` names, else what `/etc/localtime` leads to, else
    /// UTC. Nil when the zone has no name there.
    var zoneName: String? {
        let name = variables["TZ"].map { $0.hasPrefix(":") ? String($0.dropFirst()) : $0 }
        let path = name ?? (try? FileManager.default.destinationOfSymbolicLink(atPath: "/etc/localtime")) ?? ""
        let zone = path.firstRange(of: "zoneinfo/").map { String(path[$0.upperBound...]) } ?? path
        if zone.isEmpty { return "UTC" }
        return utcOffset(ofZone: zone) == nil ? nil : zone
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
