import MinskyFormats
import MinskyModel
import Testing

struct JSONFormatTests {
    /// The shape in docs/json-output.md.
    @Test func whatListPrintsIsRead() throws {
        let read = try imported(
            """
            [{"id":"nzd11xqkw8pa3rhx","title":"Renew","description":"The old one ends.","status":"todo","priority":"high",
            "parentId":null,"tags":["ops"],"dependsOn":[],"estimateMinutes":30,"complexity":null,"assignee":null,
            "dueAt":"2026-12-01T23:59:59.000000Z","createdAt":"2026-11-21T03:17:26.795499Z","createdBy":"ada",
            "updatedAt":"2026-11-21T03:17:26.795499Z","startedAt":null,"completedAt":null,
            "externalRef":"taskwarrior:11111111-1111-4111-8111-111111111111","metadata":{"size":"big"},"blocked":false,
            "blocks":[],"subtaskCount":0,"openSubtaskCount":0,"blockedBy":[],"sync":null,"added":"later"}]
            """, as: "json")
        #expect(read.warnings.isEmpty && read.skipped.isEmpty)
        #expect(
            read.records.map(\.fields) == [
                [
                    "id": "nzd11xqkw8pa3rhx", "title": "Renew", "description": "The old one ends.", "status": "todo",
                    "priority": "high", "tags": ["ops"], "estimateMinutes": 30, "dueAt": "2026-12-01T23:59:59.000000Z",
                    "createdAt": "2026-11-21T03:17:26.795499Z", "createdBy": "ada",
                    "updatedAt": "2026-11-21T03:17:26.795499Z",
                    "externalRef": "taskwarrior:11111111-1111-4111-8111-111111111111",
                    "metadata": ["added": "later", "size": "big"],
                ]
            ])
    }

    @Test func aWrongKindOfValueIsNamed() throws {
        let read = try imported(
            #"{"id":"a","title":"A","status":"odd","estimateMinutes":-1,"tags":["x",1],"metadata":[]}"#, as: "json")
        #expect(read.warnings.map(\.field) == ["status", "tags", "estimateMinutes", "metadata"])
        #expect(read.records.first?.metadata.count == 4)
    }
}
