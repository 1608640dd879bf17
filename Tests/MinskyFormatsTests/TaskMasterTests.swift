import MinskyFormats
import MinskyModel
import Testing

struct TaskMasterTests {
    @Test func listsAndSubtasksAreRead() throws {
        let read = try imported(try fixture("tasks.json"), as: "taskmaster")
        #expect(read.skipped.isEmpty)
        #expect(
            read.warnings.map(\.description) == [
                "line 38, “master.metadata”: not about a task; left out",
                "line 31, “master/3”, “dependency”: “master/9” is not there; left out",
            ])
        #expect(
            read.records.map(\.reference.id) == [
                "master/1", "master/2", "master/2.1", "master/2.2", "master/3", "mobile/1",
            ])
        let first = try read.record("master/1")
        #expect(first.status == .done && first.priority == .high && first[metadata: "testStrategy"] == "It builds.")
        #expect(first[metadata: "details"] == "Use the usual layout.\nThen add CI.")
        let second = try read.record("master/2")
        #expect(second.complexity == 7 && second.status == .doing && second.dependsOn.map(\.id) == ["master/1"])
        #expect(
            second[metadata: "expansionPrompt"] == "Split by endpoint" && second[metadata: "recommendedSubtasks"] == 3)
        #expect(second.updatedAt == moment("2026-11-02T10:00:00Z") && second.description == nil)
        let routes = try read.record("master/2.1")
        #expect(
            routes.parent?.id == "master/2" && routes.status == .doing && routes[metadata: "originalStatus"] == "review"
        )
        #expect(routes[metadata: "parentId"] == nil)
        // A bare number is a sibling, a text a task.
        #expect(try read.record("master/2.2").dependsOn.map(\.id) == ["master/2.1", "master/1"])
        #expect(try read.record("master/2.2")[metadata: "acceptanceCriteria"] == "Holds")
        #expect(try read.record("master/3").dependsOn.map(\.id) == ["master/2.2"])
        let icons = try read.record("mobile/1")
        #expect(icons.status == .dropped && icons.priority == .critical && icons.project == "mobile")
    }

    @Test func theOldFormIsTheListMaster() throws {
        let read = try imported(
            #"{"tasks":[{"id":1,"title":"A"},{"id":"2","title":"B","dependencies":["1"]}]}"#, as: "taskmaster")
        #expect(read.records.map(\.reference.id) == ["master/1", "master/2"])
        #expect(try read.record("master/2").dependsOn.map(\.id) == ["master/1"])
    }

    @Test func aListNamedTasksIsAList() throws {
        let read = try imported(#"{"tasks":{"tasks":[{"id":1,"title":"A"}]}}"#, as: "taskmaster")
        #expect(read.records.isEmpty == false || read.warnings.isEmpty == false)
    }

    @Test func reportsAmendTasks() throws {
        let report = try fixture("report.json")
        var collector = RecordCollector()
        for file in [try fixture("tasks.json"), report] {
            var reader = try format("taskmaster").makeReader()
            for event in reader.read(file[...]) + reader.finish() { collector.add(event) }
        }
        collector.settle()
        let ship = try collector.record("master/3")
        #expect(ship.complexity == 4 && ship.complexityReason == "Known ground")
        #expect(ship[metadata: "expansionPrompt"] == "By platform" && ship[metadata: "recommendedSubtasks"] == 2)
        #expect(collector.amendments.map(\.task.id) == ["master/77"])
        #expect(collector.amendments.first?.fields.map(\.key) == ["complexityReason", "originalComplexityScore"])
        #expect(collector.skipped.map(\.field) == ["taskId"])
        let mobile = try imported(report, as: "taskmaster", options: FormatOptions(taskMasterTag: "mobile"))
        #expect(mobile.amendments.map(\.task.id) == ["mobile/3", "mobile/77"])
    }

    @Test func tasksKeepTheirNumbersAndOthersGetFreeOnes() throws {
        let read = try imported(try fixture("tasks.json"), as: "taskmaster")
        var records = read.records
        var new = TaskRecord(reference: Reference(minsky: "0123456789abcdef"), title: "New")
        new.dependsOn = [Reference(source: "taskmaster", id: "master/3")]
        var deep = TaskRecord(reference: Reference(minsky: "1123456789abcdef"), title: "Deep")
        deep.parent = Reference(source: "taskmaster", id: "master/2.1")
        records += [new, deep]
        let (bytes, losses) = try exported(records, as: "taskmaster")
        let json = try JSON(parsing: bytes)
        let tasks = try #require(json["master"]?["tasks"]?.array)
        #expect(losses.isEmpty && tasks.compactMap { $0["id"] } == [1, 2, 3, 4])
        #expect(tasks[1]["subtasks"]?.array?.compactMap { $0["id"] } == [1, 2, 3])
        #expect(tasks[1]["subtasks"]?.array?[0]["status"] == "review")
        #expect(tasks[3]["dependencies"] == ["3"] && tasks[1]["dependencies"] == ["1"])
        #expect(json["mobile"]?["tasks"]?.array?.count == 1)
        let again = try imported(bytes, as: "taskmaster")
        #expect(try again.record("1123456789abcdef").parent == deep.parent)
        #expect(try again.record("0123456789abcdef").dependsOn == new.dependsOn)
        #expect(again.records.count == records.count && again.warnings.isEmpty)
    }

    @Test func whatIsNoTaskIsNamed() throws {
        let read = try imported(
            #"{"tasks":[{"title":"No id"},{"id":1},7,{"id":2,"title":"B","subtasks":[1,{"id":1}]},{"id":3,"title":"C","subtasks":{}}]}"#,
            as: "taskmaster")
        #expect(read.records.map(\.reference.id) == ["master/2", "master/3"])
        #expect(read.skipped.count == 6)
    }
}
