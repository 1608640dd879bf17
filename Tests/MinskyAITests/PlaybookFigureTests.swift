import Foundation
import Testing

@testable import MinskyAI

/// How often the built-in planner chooses the right playbook, measured on titles that were labelled before it was tuned.
/// The figures are published in `docs/playbooks.md`.
struct PlaybookFigureTests {
    struct LabelledTitle: Sendable {
        let label: String
        let kind: String
        let title: String

        /// Half of the titles, by a hash that has nothing to do with what they say; none of those reported by people.
        var isHeldOut: Bool {
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in title.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            return kind != "reported" && hash >> 32 & 1 == 1
        }
    }

    struct Outcome: CustomStringConvertible {
        var count = 0
        var right = 0
        /// Titles for which a playbook was chosen that is not their label.
        var wrong: [String] = []
        /// Titles with a label for which none was chosen.
        var missed: [String] = []

        var accuracy: Double { Double(right) / Double(count) }
        var wrongShare: Double { Double(wrong.count) / Double(count) }

        var description: String {
            "\(right) of \(count) right, \(wrong.count) wrong, \(missed.count) not recognized"
        }
    }

    static func titles() throws -> [LabelledTitle] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "labelled-titles.tsv")
        return try String(contentsOf: path, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            let fields = $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            try #require(fields.count == 3, "\($0)")
            return LabelledTitle(label: fields[0], kind: fields[1], title: fields[2])
        }
    }

    static func outcome(of titles: [LabelledTitle]) throws -> Outcome {
        let library = try PlaybookLibrary()
        return titles.reduce(into: Outcome()) { outcome, title in
            let name = library.choice(title: title.title, description: nil).playbook?.name ?? "none"
            outcome.count += 1
            if name == title.label {
                outcome.right += 1
            } else if name == "none" {
                outcome.missed.append("\(title.title) (\(title.label))")
            } else {
                outcome.wrong.append("\(title.title) (\(title.label), not \(name))")
            }
        }
    }

    @Test func theSetIsLargeAndMixedAndItsLabelsExist() throws {
        let titles = try Self.titles()
        let names = Set(try PlaybookLibrary().playbooks.map(\.name)).subtracting([PlaybookLibrary.frameName])
        #expect(titles.count >= 320)
        #expect(titles.count { $0.label == "none" } * 3 >= titles.count)
        #expect(Set(titles.map(\.title)).count == titles.count)
        #expect(Set(titles.map(\.label)) == names.union(["none"]))
        #expect(Set(titles.map(\.kind)).count >= 10)
    }

    @Test func onTheHeldOutHalfItIsRightAndSeldomWrong() throws {
        let outcome = try Self.outcome(of: Self.titles().filter(\.isHeldOut))
        print("held-out half: \(outcome)")
        #expect(outcome.wrongShare <= 0.03)
        #expect(outcome.accuracy >= 0.93)
    }

    @Test func onTheTuningHalfItIsRightAndSeldomWrong() throws {
        let outcome = try Self.outcome(of: Self.titles().filter { !$0.isHeldOut })
        print("tuning half: \(outcome)")
        #expect(outcome.wrongShare <= 0.03, "\(outcome.wrong)")
        #expect(outcome.accuracy >= 0.97, "\(outcome.missed)")
    }

    @Test func nothingThatWasReportedIsWrong() throws {
        let outcome = try Self.outcome(of: Self.titles().filter { $0.kind == "reported" })
        #expect(outcome.right == outcome.count, "\(outcome.wrong) \(outcome.missed)")
    }
}
