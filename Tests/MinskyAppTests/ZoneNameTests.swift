import Foundation
import TestSupport
import Testing

@testable import MinskyApp

@Suite("Names of time zones")
struct ZoneNameTests {
    @Test func aFileOfTheDatabaseIsAZone() throws {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        try Data("TZif2 and so on".utf8).write(to: URL(fileURLWithPath: scratch.path + "/Here"))
        try Data("root:x:0".utf8).write(to: URL(fileURLWithPath: scratch.path + "/passwd"))
        for known in ["Here", ":Here", scratch.path + "/Here"] {
            #expect(ZoneName.isKnown(known, folder: scratch.path))
        }
        for unknown in ["There", "passwd", "UT", "ABC", "<AB", "Here "] {
            #expect(!ZoneName.isKnown(unknown, folder: scratch.path), "\(unknown)")
        }
    }

    /// A file at `/etc/localtime` has no name, and what the C library makes of a name may be another zone.
    @Test func aNameCountsOnlyWhereItsTimeIsTheLocalOne() {
        var environment = TestEnvironment.make()
        environment.utcOffset = { _ in 20_700 }
        #expect(environment.zoneName == nil, "whatever this machine has")
        environment.variables["TZ"] = "Asia/Kathmandu"
        #expect(environment.zoneName == "Asia/Kathmandu")
        environment.utcOffset = { $0.day.civil.month == 7 ? 7200 : 3600 }
        #expect(environment.zoneName == nil)
        for name in ["Europe/Berlin", ":Europe/Berlin", "/usr/share/zoneinfo/Europe/Berlin"] {
            environment.variables["TZ"] = name
            #expect(environment.zoneName == "Europe/Berlin")
        }
        environment.utcOffset = { _ in 3600 }
        #expect(environment.zoneName == nil, "no summer time")
    }
}
