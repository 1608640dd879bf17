import MinskyModel
import MinskyStore
import TestSupport
import Testing

@testable import MinskyApp

@Suite("Moving tasks")
final class MoveTaskTests {
    private let scratch: ScratchFolder
    private let workspace: OpenWorkspace

    init() throws {
        scratch = try ScratchFolder()
        let environment = TestEnvironment.make(folder: scratch.path, home: scratch.path)
        _ = try InitializeWorkspace().run(in: environment)
        workspace = try OpenWorkspace(nil, in: environment)
    }

    deinit { scratch.remove() }

    private func add(_ title: String, under parent: String? = nil) throws -> String {
        try AddTask(title: title, parent: parent).run(in: workspace, as: Caller("ada")).task.id
    }

    private func children(_ parent: String?) throws -> [String] {
        try workspace.store.read { try $0.siblings(under: parent).map(\.id) }
    }

    /// A model of the tree that does what moving should do: the ids under each parent, "" for the top.
    private struct Tree {
        var children: [String: [String]]
        var parents: [String: String]

        func isBelow(_ id: String, _ ancestor: String) -> Bool {
            var next = parents[id]
            while let id = next, !id.isEmpty {
                if id == ancestor { return true }
                next = parents[id]
            }
            return false
        }

        mutating func move(_ id: String, to destination: MoveTask.Destination) {
            let old = parents[id] ?? ""
            children[old]?.removeAll { $0 == id }
            let parent: String
            var place: Int?
            switch destination {
            case .under(let other): parent = other
            case .top: parent = ""
            case .first: (parent, place) = (old, 0)
            case .last: parent = old
            case .before(let other):
                parent = parents[other] ?? ""
                place = children[parent]?.firstIndex(of: other)
            case .after(let other):
                parent = parents[other] ?? ""
                place = (children[parent]?.firstIndex(of: other)).map { $0 + 1 }
            }
            children[parent, default: []].insert(id, at: place ?? children[parent]?.count ?? 0)
            parents[id] = parent
        }
    }

    /// Moves to one place make ranks longer and longer, and the schema has a limit: before it, all get short ones again.
    @Test func movesToOnePlaceNeverRunOutOfRanks() throws {
        let ids = try (0..<3).map { try add("\($0)") }
        let long = "i" + String(repeating: "0", count: 598)
        try workspace.store.perform(workspace.operation("test", of: Caller("ada"))) { session in
            for (id, end) in zip(ids, ["1", "2", "3"]) {
                let old = try session.task(id)
                var new = old
                new.rank = long + end
                try session.update(old, to: new)
            }
        }
        _ = try MoveTask(id: ids[2], to: .after(ids[0])).run(in: workspace, as: Caller("ada"))
        #expect(try children(nil) == [ids[0], ids[2], ids[1]])
        #expect(try workspace.store.read { try $0.siblings(under: nil).allSatisfy { $0.rank.count < 60 } })
        for round in 0..<150 {
            _ = try MoveTask(id: ids[round % 2 + 1], to: .after(ids[0])).run(in: workspace, as: Caller("ada"))
        }
        #expect(try workspace.store.read { try $0.siblings(under: nil).allSatisfy { $0.rank.count <= 60 } })
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func manyRandomMovesGiveTheExpectedTree(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let ids = try (0..<8).map { try add("\($0)") }
        var tree = Tree(children: ["": ids], parents: Dictionary(uniqueKeysWithValues: ids.map { ($0, "") }))
        for _ in 0..<250 {
            let id = ids.randomElement(using: &random) ?? ids[0]
            let other = ids.randomElement(using: &random) ?? ids[0]
            let destinations: [MoveTask.Destination] = [
                .before(other), .after(other), .first, .last, .under(other), .top,
            ]
            let destination = destinations.randomElement(using: &random) ?? .top
            let takesOther: Bool =
                switch destination {
                case .before, .after, .under: true
                default: false
                }
            if takesOther, id == other || tree.isBelow(other, id) {
                let error = #expect(throws: StoreError.self) {
                    try MoveTask(id: id, to: destination).run(in: workspace, as: Caller("ada"))
                }
                #expect(error?.code == .conflict)
            } else {
                let moved = try MoveTask(id: id, to: destination).run(in: workspace, as: Caller("ada"))
                tree.move(id, to: destination)
                #expect(moved.task.parentID ?? "" == tree.parents[id])
            }
            for (parent, expected) in tree.children {
                try #require(try children(parent.isEmpty ? nil : parent) == expected)
            }
        }
    }

    @Test func squeezingInBetweenGoesOnAndOn() throws {
        let ids = try ["first", "a", "b", "last"].map { try add($0) }
        for round in 0..<200 {
            let (mover, stays) = round % 2 == 0 ? (ids[1], ids[2]) : (ids[2], ids[1])
            _ = try MoveTask(id: mover, to: .before(stays)).run(in: workspace, as: Caller("ada"))
            #expect(try children(nil) == [ids[0], mover, stays, ids[3]])
        }
    }

    @Test func tasksOfTheSameRankCanBeToldApart() throws {
        let ids = try ["a", "b", "c"].map { try add($0) }
        try workspace.store.database.write { _ = try $0.execute("UPDATE tasks SET rank = 'i00000'") }
        let before = try children(nil)
        let moved = before[2]
        _ = try MoveTask(id: moved, to: .before(before[1])).run(in: workspace, as: Caller("ada"))
        #expect(try children(nil) == [before[0], moved, before[1]])
        _ = try MoveTask(id: moved, to: .first).run(in: workspace, as: Caller("ada"))
        #expect(try children(nil) == [moved, before[0], before[1]])
        _ = try UndoOperation().run(in: workspace, as: Caller("ada"))
        _ = try UndoOperation().run(in: workspace, as: Caller("ada"))
        #expect(try children(nil) == before, "the siblings that made room are part of the operation")
        #expect(Set(ids) == Set(before))
    }

    @Test func aMoveIsOneOperationThatUndoTakesBack() throws {
        let ids = try ["a", "b", "c"].map { try add($0) }
        _ = try MoveTask(id: ids[2], to: .under(ids[0])).run(in: workspace, as: Caller("ada"))
        #expect(try children(ids[0]) == [ids[2]])
        _ = try UndoOperation().run(in: workspace, as: Caller("ada"))
        #expect(try children(nil) == ids)
    }
}
