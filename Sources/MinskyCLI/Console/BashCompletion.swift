/// How bash completes words of a workspace.
///
/// The script of the argument parser has them expanded by `compgen -W`, which runs what a tag spells, and takes a colon for
/// the end of a word. What is here is put behind that script: of two functions of one name, bash takes the later one.
enum BashCompletion {
    static let words = #"""
        # Tags, projects and names of a workspace may be anybody's text: nothing below expands them, and what is inserted is quoted.
        # Functions of these names above are replaced.

        # Sets REPLY to what a word says without its quotes, and quote to the quotation mark that it leaves open.
        __minsky_unquote() {
            local -r text="${1}"
            local -i index
            local character
            REPLY='' quote=''
            for ((index = 0; index < ${#text}; index++)); do
                character="${text:index:1}"
                if [[ "${character}" = "${quote}" ]]; then
                    quote=''
                elif [[ -z "${quote}" && "${character}" = [\"\'] ]]; then
                    quote="${character}"
                elif [[ "${quote}" != \' && "${character}" = \\ ]]; then
                    index+=1
                    character="${text:index:1}"
                    [[ -n "${quote}" && "${character}" != [\"\\\`\$] ]] && REPLY+=\\
                    REPLY+="${character}"
                else
                    REPLY+="${character}"
                fi
            done
        }

        # Offers a word of which the readline keeps the beginning that it does not take for part of it.
        __minsky_offer() {
            local rest="${1}" character
            [[ "${rest}" = "${kept}"* ]] || return
            rest="${rest#"${kept}"}"
            case "${quote}" in
            \')
                [[ "${rest}" = *\'* ]] && return
                ;;
            \")
                [[ "${rest}" = *!* ]] && return
                local text="${rest}"
                local -i index
                rest=''
                for ((index = 0; index < ${#text}; index++)); do
                    character="${text:index:1}"
                    [[ "${character}" = [\"\\\`\$] ]] && rest+=\\
                    rest+="${character}"
                done
                ;;
            *)
                [[ -n "${rest}" ]] && printf -v rest %q "${rest}"
                ;;
            esac
            COMPREPLY+=("${rest}")
        }

        __minsky_add_completions() {
            local word
            case "${1}" in
            -W)
                while IFS='' read -r word; do
                    [[ -n "${word}" && "${word}" = "${cur}"* ]] && __minsky_offer "${word}"
                done <<<"${2}"
                ;;
            *)
                # The readline quotes the names of files itself.
                compopt -o filenames 2>/dev/null
                for word in "${cur}"*; do
                    [[ -e "${word}" && "${word}" = "${kept}"* ]] && COMPREPLY+=("${word#"${kept}"}")
                done
                ;;
            esac
        }

        __minsky_cursor_index_in_current_word() {
            printf %s "${#cur}"
        }

        __minsky_custom_complete() {
            "${COMP_WORDS[0]}" "${@}" "${COMP_WORDS[@]}"
        }

        __minsky_complete() {
            local line="${COMP_LINE:0:COMP_POINT}" rest raw kept quote REPLY
            local -a words=()
            local -i index
            # Bash cuts words at colons and more (COMP_WORDBREAKS); those without a blank between them are one.
            for ((index = 0; index <= COMP_CWORD; index++)); do
                rest="${line#"${line%%[![:space:]]*}"}"
                raw="${COMP_WORDS[index]}"
                ((index == COMP_CWORD)) && raw="${rest}"
                if ((index > 0)) && [[ "${rest}" = "${line}" ]]; then
                    words[${#words[@]} - 1]+="${raw}"
                else
                    words+=("${raw}")
                fi
                line="${rest#"${raw}"}"
            done
            raw="${words[${#words[@]} - 1]}"
            [[ "${raw}" = *"${2}" ]] || return
            COMP_WORDS=()
            for rest in "${words[@]}"; do
                __minsky_unquote "${rest}"
                COMP_WORDS+=("${REPLY}")
            done
            COMP_CWORD=$((${#words[@]} - 1))
            __minsky_unquote "${raw%"${2}"}"
            kept="${REPLY}"
            _minsky "${1}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            # Behind due: goes a value.
            [[ "${#COMPREPLY[@]}" -eq 1 && "${COMPREPLY[0]}" = *: ]] && compopt -o nospace 2>/dev/null
            return 0
        }

        complete -F __minsky_complete minsky
        """#
}
