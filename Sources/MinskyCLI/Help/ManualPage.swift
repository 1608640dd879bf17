import ArgumentParser
import MinskyModel

/// The manual page, `minsky(1)`, made of what the commands say of themselves.
struct ManualPage {
    private let root: JSON

    /// - Throws: `JSON`'s errors, when the parser's description of the commands cannot be read.
    init() throws { root = try JSON(parsing: MinskyCommand._dumpHelp())["command"] ?? .null }

    /// The lines in the language of `man`.
    func lines() -> [String] {
        var lines = [
            ".TH MINSKY 1 \"\" \"minsky \(Self.text(Version.current))\"", ".SH NAME",
            "minsky \\- " + Self.text(abstract(root)), ".SH SYNOPSIS", ".B minsky",
            "[\\fIoptions\\fR] \\fIcommand\\fR …",
            ".SH DESCRIPTION",
        ]
        lines += paragraph(root["discussion"]?.string)
        lines += [".SH OPTIONS"] + arguments(of: root)
        lines.append(".SH COMMANDS")
        for command in commands(of: root) { lines += section(command, path: "minsky") }
        lines += [
            ".SH TOPICS", "Each is shown by", ".BR \"minsky help\" \" \\fItopic\\fR:\"",
            Self.text(HelpTopic.all.map(\.name).joined(separator: ", ") + "."), ".SH EXIT STATUS",
            "0 done, 1 failed, 2 usage, 3 not found or ambiguous, 4 conflict, 5 unavailable, 6 refused, 130 interrupted.",
        ]
        return lines
    }

    private func section(_ command: JSON, path: String) -> [String] {
        let name = path + " " + (command["commandName"]?.string ?? "")
        let children = commands(of: command)
        let positionals = shownArguments(command).filter { $0["kind"] == "positional" }.map { argument in
            let value = "\\fI\(Self.text(argument["valueName"]?.string ?? ""))\\fR"
            return argument["isOptional"] == true ? "[\(value)]" : value
        }
        let verb = children.isEmpty ? [] : ["\\fIcommand\\fR"]
        var lines = [".SS \"\(Self.text(name))\"", ".B \"\(Self.text(name))\""]
        let usage = (positionals + verb).joined(separator: " ")
        if !usage.isEmpty { lines.append(usage) }
        lines += [".PP", Self.text(abstract(command))]
        lines += paragraph(command["discussion"]?.string)
        lines += arguments(of: command)
        return lines + children.flatMap { section($0, path: name) }
    }

    /// Those that are shown, without what every command has.
    private func shownArguments(_ command: JSON) -> [JSON] {
        (command["arguments"]?.array ?? []).filter { argument in
            let name = argument["preferredName"]?["name"]?.string
            let isGeneral = ["help", "version", "C", "json", "quiet", "no-color"].contains(name ?? "")
            return argument["shouldDisplay"] != false && (command == root || !isGeneral)
        }
    }

    private func arguments(of command: JSON) -> [String] {
        shownArguments(command).flatMap { argument -> [String] in
            let value = argument["valueName"]?.string.map { "\\fI\(Self.text($0))\\fR" } ?? ""
            let names = (argument["names"]?.array ?? []).map { name -> String in
                let dashes = name["kind"] == "long" ? "\\-\\-" : "\\-"
                return "\\fB\(dashes)\(Self.text(name["name"]?.string ?? ""))\\fR"
            }
            let head =
                names.isEmpty
                ? value : names.joined(separator: ", ") + (argument["kind"] == "option" ? " " + value : "")
            return [".TP", head, Self.text(abstract(argument))]
        }
    }

    private func commands(of command: JSON) -> [JSON] {
        (command["subcommands"]?.array ?? []).filter { $0["shouldDisplay"] != false && $0["commandName"] != "help" }
    }

    private func abstract(_ part: JSON) -> String { part["abstract"]?.string ?? "" }

    private func paragraph(_ text: String?) -> [String] {
        guard let text, !text.isEmpty else { return [] }
        return [".PP"]
            + text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
                line.isEmpty
                    ? [".PP"] : line.hasPrefix("  ") ? [".br", Self.text(String(line))] : [Self.text(String(line))]
            }
    }

    /// A text in which nothing is a command.
    private static func text(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "\n": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result.hasPrefix(".") || result.hasPrefix("'") ? "\\&" + result : result
    }
}
