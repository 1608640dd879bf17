import MinskyModel

/// An event in place of what could not be read.
struct UnreadableValue: Error {
    var event: ReadingEvent
}

extension JSONCutter.Cut {
    /// The members of the object that was cut out and what to say about it; anything else is an event.
    func object() -> Result<(members: [JSON.Member], warnings: [ReadingEvent]), UnreadableValue> {
        value().flatMap { value, warnings in
            guard let members = value.members else { return failure("expected an object, found \(value.kindName)") }
            return .success((members, warnings))
        }
    }

    /// The value that was cut out and what to say about it; what is broken is an event.
    func value() -> Result<(json: JSON, warnings: [ReadingEvent]), UnreadableValue> {
        switch content {
        case .failure(let fault):
            let finding = Finding(line: line, reason: fault.reason)
            return .failure(UnreadableValue(event: fault.isOfValue ? .skipped(finding) : .warning(finding)))
        case .success(let bytes):
            do {
                let value = try LenientJSON.parse(bytes)
                let finding = Finding(line: line, reason: "held characters that are not allowed; they were mended")
                return .success((value.json, value.isRepaired ? [.warning(finding)] : []))
            } catch {
                return failure(error.description)
            }
        }
    }

    private func failure<Value>(_ reason: String) -> Result<Value, UnreadableValue> {
        .failure(UnreadableValue(event: .skipped(Finding(line: line, reason: reason))))
    }
}

extension LineSplitter.Line {
    /// The event for a line that was too long.
    var tooLong: ReadingEvent {
        .skipped(Finding(line: number, reason: "longer than \(LineSplitter.maximumLength >> 20) MiB"))
    }

    /// The warning for a text that had to be mended.
    func warnings(_ text: RepairedText) -> [ReadingEvent] {
        guard text.isRepaired else { return [] }
        return [.warning(Finding(line: number, reason: "held bytes that are not UTF-8, or NUL; replaced by U+FFFD"))]
    }
}

extension Finding {
    /// A record whose name the format cannot write.
    static func unnamable(_ record: TaskRecord) -> Finding {
        Finding(
            line: 0, reference: record.reference.description, field: "id",
            reason: "a name of another program; the task was left out")
    }

    /// A link whose target the format cannot name.
    static func unnamable(_ link: Reference, of record: TaskRecord) -> Finding {
        Finding(
            line: 0, reference: record.reference.description, field: "dependsOn",
            reason: "\(link.description.quoted) is a name of another program; the link was left out")
    }
}
