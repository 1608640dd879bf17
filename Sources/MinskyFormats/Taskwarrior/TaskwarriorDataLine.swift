import MinskyModel

/// A line of the data files of Taskwarrior 2.x: `[key:"value" key:"value"]`, with JSON's escapes in the values and
/// `&open;` and `&close;` for brackets.
enum TaskwarriorDataLine {
    /// The line as the object that `task export` would print, or nil when it is not one.
    static func object(_ line: String) -> [JSON.Member]? {
        let bytes = Array(line.trimmingSpace.utf8)
        guard bytes.count >= 2, bytes.first == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]") else { return nil }
        var members: [JSON.Member] = []
        var annotations: [JSON] = []
        var rest = bytes[1..<(bytes.count - 1)]
        while let first = rest.first {
            if first == 0x20 {
                rest = rest.dropFirst()
                continue
            }
            guard let colon = rest.firstIndex(of: UInt8(ascii: ":")), colon > rest.startIndex,
                colon + 1 < rest.endIndex,
                rest[colon + 1] == UInt8(ascii: "\""), let end = closingQuote(rest[(colon + 2)...]),
                let value = try? LenientJSON.parse(Array(rest[(colon + 1)...end])).json.string
            else { return nil }
            add(String(decoding: rest[..<colon], as: UTF8.self), decoded(value), &members, &annotations)
            rest = rest[(end + 1)...]
        }
        if !annotations.isEmpty { members.append(JSON.Member("annotations", .array(annotations))) }
        return members
    }

    /// `tag_x` and `dep_x` stand beside the lists in 2.6, and say the same as they do.
    private static func add(
        _ key: String, _ value: String, _ members: inout [JSON.Member], _ annotations: inout [JSON]
    ) {
        if key.hasPrefix("annotation_") {
            annotations.append(["entry": .string(String(key.dropFirst(11))), "description": .string(value)])
        } else if key.hasPrefix("tag_") || key.hasPrefix("tags_") {
            append(String(key.drop { $0 != "_" }.dropFirst()), to: "tags", &members)
        } else if key.hasPrefix("dep_") {
            append(String(key.dropFirst(4)), to: "depends", &members)
        } else if key == "tags" || key == "depends" {
            for part in value.split(separator: ",") { append(String(part), to: key, &members) }
        } else {
            members.removeAll { $0.key == key }
            members.append(JSON.Member(key, .string(value)))
        }
    }

    private static func append(_ text: String, to key: String, _ members: inout [JSON.Member]) {
        guard let index = members.firstIndex(where: { $0.key == key }) else {
            return members.append(JSON.Member(key, .array([.string(text)])))
        }
        let texts = (members[index].value.array ?? []) + [.string(text)]
        members[index].value = .array(texts.unrepeated())
    }

    private static func closingQuote(_ bytes: ArraySlice<UInt8>) -> Int? {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == UInt8(ascii: "\"") { return index }
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return nil
    }

    /// The names of characters, those of old versions included.
    private static func decoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
        let names = [
            "open": "[", "close": "]", "dquot": "\"", "squot": "'", "quot": "'", "comma": ",", "colon": ":",
            "tab": "\t",
        ]
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "&") {
            result += rest[..<start]
            rest = rest[start...]
            if let end = rest.prefix(8).firstIndex(of: ";"), let character = names[String(rest[..<end].dropFirst())] {
                result += character
                rest = rest[rest.index(after: end)...]
            } else {
                result += "&"
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }
}
