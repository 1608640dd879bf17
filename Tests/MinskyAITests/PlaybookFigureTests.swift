import Foundation
import Testing

@testable import MinskyAI

/// How often the built-in planner chooses the right playbook, measured on two sets of titles that were labelled before it
/// was tuned. The figures are published in `docs/playbooks.md`.
struct PlaybookFigureTests {
    enum TitleSet: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case labelled = "labelled-titles"
        case unseen = "unseen-titles"

        var testDescription: String { rawValue }

        /// The least share of the held-out half that has to be right.
        var leastAccuracy: Double { self == .labelled ? 0.93 : 0.83 }
    }

    struct LabelledTitle: Sendable {
        /// The playbooks that fit, or "none".
        let labels: [String]
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

    static func titles(in set: TitleSet) throws -> [LabelledTitle] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            set.rawValue + ".tsv")
        return try String(contentsOf: path, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            let fields = $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            try #require(fields.count == 3, "\($0)")
            return LabelledTitle(
                labels: fields[0].split(separator: "|").map(String.init), kind: fields[1], title: fields[2])
        }
    }

    static func outcome(of titles: [LabelledTitle]) throws -> Outcome {
        let library = try PlaybookLibrary()
        return titles.reduce(into: Outcome()) { outcome, title in
            let name = library.choice(title: title.title, description: nil).playbook?.name ?? "none"
            let label = title.labels.joined(separator: " or ")
            outcome.count += 1
            if title.labels.contains(name) {
                outcome.right += 1
            } else if name == "none" {
                outcome.missed.append("\(title.title) (\(label))")
            } else {
                outcome.wrong.append("\(title.title) (\(label), not \(name))")
            }
        }
    }

    @Test(arguments: TitleSet.allCases)
    func theSetIsLargeAndMixedAndItsLabelsExist(_ set: TitleSet) throws {
        let titles = try Self.titles(in: set)
        let names = Set(try PlaybookLibrary().playbooks.map(\.name)).subtracting([PlaybookLibrary.frameName])
        #expect(titles.count >= 320)
        #expect(titles.count { $0.labels.contains("none") } * 3 >= titles.count)
        #expect(Set(titles.map(\.title)).count == titles.count)
        #expect(Set(titles.flatMap(\.labels)) == names.union(["none"]))
        #expect(Set(titles.map(\.kind)).count >= 4)
    }

    @Test(arguments: TitleSet.allCases)
    func onTheHeldOutHalfItIsRightAndSeldomWrong(_ set: TitleSet) throws {
        let outcome = try Self.outcome(of: Self.titles(in: set).filter(\.isHeldOut))
        print("\(set.rawValue), held-out half: \(outcome)")
        #expect(outcome.wrongShare <= 0.02)
        #expect(outcome.accuracy >= set.leastAccuracy)
    }

    @Test(arguments: TitleSet.allCases)
    func onTheTuningHalfItIsRightAndSeldomWrong(_ set: TitleSet) throws {
        let outcome = try Self.outcome(of: Self.titles(in: set).filter { !$0.isHeldOut })
        print("\(set.rawValue), tuning half: \(outcome)")
        #expect(outcome.wrongShare <= 0.02, "\(outcome.wrong)")
        #expect(outcome.accuracy >= 0.93, "\(outcome.missed)")
    }

    @Test(arguments: TitleSet.allCases)
    func nothingThatWasReportedIsWrong(_ set: TitleSet) throws {
        let outcome = try Self.outcome(of: Self.titles(in: set).filter { $0.kind == "reported" })
        #expect(outcome.right == outcome.count, "\(outcome.wrong) \(outcome.missed)")
    }
}
