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
}
